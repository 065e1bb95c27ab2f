"""JSON as it is distributed: objects line by line or one after another, an array of records, an object of them."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sentiment.corpora.readers.annotated import plain
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.json_objects import records_of
from sentiment.corpora.readers.lines import TextFile
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.table import BROKEN_LINE, Flaw
from sentiment.errors import InputError

LARGEST_WHOLE = 2 << 30  # bytes of a file that must be read whole
LONGEST_VALUE = 64_000_000  # characters of one value of an array
_HEAD = 1000  # records whose keys are the columns
_DEEPEST = 8
_PIECE = 1 << 18
_BETWEEN = " \t\r\n,"


class JsonFile:
    """A JSON file: its columns are the keys of its first records, those of nested objects joined by dots."""

    named = True
    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - JSON has none

    def __init__(self, text: TextFile, options: ReadOptions):
        self._text = text
        self.size = text.size
        start = "".join(line.text for line in islice(text.lines(), 5)).lstrip()
        self._form, self._path = _form(text, start, options.path)
        self.dialect: dict[str, object] = {
            "kind": self._form,
            "encoding": text.original,
            "compression": text.compression,
        }
        if self._path:
            self.dialect["path"] = self._path
        items = [item for _, item, _, _ in islice(self._items(0, 0), _HEAD) if not isinstance(item, Flaw)]
        self._lists = bool(items) and isinstance(items[0], list)
        self.columns = _columns(items, self._lists)
        kind = list if self._lists else dict
        self.head: Sequence[Sequence[object]] = [_cells(item, self.columns) for item in items if isinstance(item, kind)]

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the records from an offset on, as `Format.records` does; in bytes for lines, else in records."""
        for number, item, size, lines in self._items(offset, line):
            if isinstance(item, Flaw):
                yield Record(number, item, size, lines)
            elif not isinstance(item, list if self._lists else dict):
                flaw = Flaw(BROKEN_LINE, f"no JSON {'array' if self._lists else 'object'}", json.dumps(item))
                yield Record(number, flaw, size, lines)
            else:
                yield Record(number, _cells(item, self.columns), size, lines)

    def _items(self, offset: int, line: int) -> Iterator[tuple[int, Any, int, int]]:
        """Yields line, item, size and lines."""
        if self._form == "JSON lines":
            yield from self._line_items(offset, line)
            return
        if self._form in ("JSON array", "JSON objects") and not self._path:
            items: Iterator[Any] = _values(self._text)
        else:
            items = _whole(self._text, self._path)
        for number, item in enumerate(items, start=1):
            if number > offset:
                yield number, plain(item), 1, 1

    def _line_items(self, offset: int, line: int) -> Iterator[tuple[int, Any, int, int]]:
        before, skipped = self._text.encoding.skipped if offset == 0 else 0, 0
        for number, found in enumerate(self._text.lines(offset), start=line + 1):
            if not found.text.strip():
                before, skipped = before + found.size, skipped + 1
                continue
            if found.cut:
                item = found.flaw
            else:
                item = plain(_parse(found.text))
            yield number, item, before + found.size, skipped + 1
            before = skipped = 0


def is_json(text: TextFile) -> bool:
    """Whether a file of any name begins as JSON does, and its first value can be read."""
    start = "".join(line.text for line in islice(text.lines(), 5)).lstrip()
    if text.suffix in (".json", ".jsonl", ".ndjson", ".js"):
        return True
    return text.suffix in ("", ".txt", ".data") and start.startswith(("{", "[{", "[[", "[\n")) and _parses(start)


def _parses(start: str) -> bool:
    try:
        json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError):
        return start.startswith("[")
    return True


def _form(text: TextFile, start: str, path: str) -> tuple[str, str]:
    """Returns the form of a file, and where in it the records are. Raises InputError where there are none."""
    if start.startswith("[") and not path and text.suffix not in (".jsonl", ".ndjson"):
        return "JSON array", ""
    first = next((line.text for line in text.lines() if line.text.strip()), "")
    is_object = isinstance(_parse(first), dict | list)
    alone = sum(1 for _ in islice((line for line in text.lines() if line.text.strip()), 2)) == 1
    if not path and (text.suffix in (".jsonl", ".ndjson") or (is_object and not alone)):
        return "JSON lines", ""
    if not start.startswith(("{", "[")):
        return "JSON lines", ""
    if not path and _has_another(text):
        return "JSON objects", ""
    value = _load(text)
    if path or not isinstance(value, dict):
        return "JSON object", path
    if records_of(value) is not None:
        return "JSON object", ""
    lists = [key for key, inner in value.items() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
    if len(lists) == 1:
        return "JSON object", lists[0]
    if lists:
        raise InputError(f"{text.name}: records stand at {', '.join(lists[:8])}: name one with --path {lists[0]}")
    return "JSON lines", ""


def _has_another(text: TextFile) -> bool:
    """Whether a file's first object ends, and another begins."""
    start = next(_pieces(text), "").lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError):
        return False
    return start[end:].lstrip(_BETWEEN).startswith("{")


def _load(text: TextFile) -> Any:
    if text.size > LARGEST_WHOLE:
        raise InputError(f"{text.name}: one JSON object of {text.size:,} bytes: write one record a line")
    content = text.local.read_bytes()[text.encoding.skipped :].decode(text.encoding.name, "surrogateescape")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{text.name}: no JSON ({error}): {_remedy(content)}") from error


def _remedy(content: str) -> str:
    if re.match(r"\s*\[?\s*\{\s*'", content):
        return "it is as Python prints a list, and not as json.dump writes it: write it with that"
    return "mend it there, or write one record a line"


def _whole(text: TextFile, path: str) -> Iterator[Any]:
    value = _load(text)
    for key in path.split(".") if path else ():
        if not isinstance(value, dict) or key not in value:
            there = ", ".join(list(value)[:12]) if isinstance(value, dict) else type(value).__name__
            raise InputError(f"{text.name}: nothing at {path!r}; there is {there}: name what is there with --path")
        value = value[key]
    if isinstance(value, list):
        yield from value
    elif isinstance(value, dict) and (records := records_of(value)) is not None:
        yield from records
    else:
        yield value


def _values(text: TextFile) -> Iterator[Any]:
    """Yields the values of a file that is one array, or has them one after another, a piece and a value at a time."""
    decoder = json.JSONDecoder()
    pieces = _pieces(text)
    content = next(pieces, "").lstrip()
    in_array = content.startswith("[")
    place = int(in_array)
    while True:
        while content[place : place + 1] in _BETWEEN and place < len(content):
            place += 1
        try:
            value, end = decoder.raw_decode(content, place)
            unsure = end == len(content)  # a number may go on
        except (ValueError, RecursionError) as error:
            if content.startswith("]", place):
                return
            unsure, failure = True, " ".join(str(error).split())
        else:
            failure = ""
        if unsure and (more := next(pieces, "")):
            content, place = content[place:] + more, 0
            if len(content) > LONGEST_VALUE:
                raise InputError(f"{text.name}: a value of over {LONGEST_VALUE:,} characters: write one record a line")
            continue
        if failure and place == len(content) and not in_array:
            return
        if failure:
            kind = "array" if in_array else "objects"
            raise InputError(f"{text.name}: no JSON {kind} ({failure}): {_remedy(content[place:])}")
        yield value
        place = end


def _pieces(text: TextFile) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(text.encoding.name)("surrogateescape")
    with text.local.open("rb") as file:
        file.seek(text.encoding.skipped)
        while piece := file.read(_PIECE):
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)


def _parse(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return Flaw(BROKEN_LINE, f"not JSON ({error})", line)


def _columns(items: Sequence[Any], lists: bool) -> tuple[str, ...]:
    if lists:
        width = max(len(item) for item in items if isinstance(item, list))
        return ("text", "label") if width == 2 else tuple(map(str, range(1, width + 1)))
    found: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            found.update(dict.fromkeys(_flat(item)))
    return tuple(found)


def _cells(item: Any, columns: tuple[str, ...]) -> list[object]:
    if isinstance(item, list):
        return [*item[: len(columns)], *[None] * (len(columns) - len(item))]
    flat = _flat(item) if isinstance(item, dict) else {}
    return [flat.get(column) for column in columns]


def _flat(record: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            found |= _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            found[prefix + key] = value
    return found
