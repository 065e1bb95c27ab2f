"""Values of a JSON file changed, one at a time, as whoever forges a run might."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path

NAN, INFINITY = float("nan"), float("inf")
WRONG = [None, True, -1, 0.5, NAN, INFINITY, 1 << 70, "", "x", "\ud800", [], [[]], {}, {"x": 1}, ["a", "a"]]
NEST = "deep"  # stands for a hundred thousand brackets


def _places(value, path=()) -> Iterator[tuple]:
    # The path of every value inside of a JSON value.
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in children:
        yield from _places(each, (*path, key))


def _changed(value, path, new):
    value = copy.deepcopy(value)
    if not path:
        return new
    *above, last = path
    within = value
    for key in above:
        within = within[key]
    if new is Ellipsis:
        del within[last]
    else:
        within[last] = new
    return value


def json_mutations(run: Path, name: str) -> Iterator[tuple[str, bytes]]:
    whole = json.loads((run / name).read_text())
    for path in _places(whole):
        for new in (*WRONG, NEST, *([...] if path else [])):
            text = json.dumps(_changed(whole, path, new)).replace(json.dumps(NEST), "[" * 100_000)
            shown = "nothing" if new is Ellipsis else repr(new)
            yield f"{name} {'/'.join(map(str, path))} = {shown}", text.encode("utf-8", "surrogatepass")
