"""What it takes to read 31 public data sets as they are distributed: with this program, and with code of one's own.

    python benchmarks/front_door.py --peers /there/bin/python --write

The files are made small, in the shapes of `benchmarks/shapes`, with texts of our own. `sentiment corpus` and
`sentiment train` read each for real. The lines of code for pandas with scikit-learn, fastText and Hugging Face's
`load_dataset` are run by the Python that --peers names (pip install pandas openpyxl scikit-learn fasttext-wheel
datasets). --write puts the table into docs/data.md; names of data sets, or parts of them, measure these alone.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.shapes import SHAPES, Shape  # noqa: E402
from benchmarks.shapes.shape import Pair  # noqa: E402
from benchmarks.tables import table, write_table  # noqa: E402

QUICK = ("--config", "mean", "--steps", "5", "--set", "mean_classifier.d_embedding = 8", "--run", "run")
WRITE_LINE = (  # what makes fastText's file of pandas' texts and labels
    'open("train.txt", "w").writelines(f"__label__{y} {\' \'.join(x.split())}\\n" for x, y in zip(texts, labels))'
)
PEERS = ("pandas", "fasttext", "datasets")
HEAD = ("data set", "as it is distributed", "`sentiment train`", "rows", "without flags",
        "pandas + scikit-learn", "fastText", "HF `load_dataset`")  # fmt: skip


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Parts of data sets' names; by default all.")] = None,
    peers: Annotated[str, typer.Option(help="A Python with pandas, scikit-learn, fasttext and datasets.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/data.md.")] = False,
) -> None:
    chosen = [shape for shape in SHAPES if not names or any(name.lower() in shape.name.lower() for name in names)]
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, str(number)) for number in range(len(chosen))]
        written = [_written(shape, place) for shape, place in zip(chosen, places, strict=True)]
        others = _peers(peers or sys.executable, chosen, places)
        rows = []
        for shape, place, found, other in zip(chosen, places, written, others, strict=True):
            ours = (_flags(shape), _rows(shape, place, found), _without_flags(shape, place, found))
            rows.append((shape.name, shape.form, *ours, *(_lines(shape, tool, found, other) for tool in PEERS)))
            print(" | ".join(rows[-1]), flush=True)
    lines = table(HEAD, [tuple(cell.replace("|", "\\|") for cell in row) for row in rows])
    if write:
        write_table("front_door", lines, "`python benchmarks/front_door.py --peers /there/bin/python --write`")


def _written(shape: Shape, place: Path) -> list[Pair]:
    place.mkdir()
    return shape.write(place)


def _sentiment(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sentiment", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)


def _flags(shape: Shape) -> str:
    flags = len(shape.flags) // 2
    return f"`--corpus {shlex.join([shape.source, *shape.flags])}`: {_count(flags, 'flag')} more"


def _rows(shape: Shape, place: Path, written: Sequence[Pair]) -> str:
    """Reads and trains, and returns the rows read of those written, and what is refused."""
    told = _sentiment(place, "corpus", shape.source, "--json", *shape.flags)
    facts: dict[str, Any] = json.loads(told.stdout) if told.returncode == 0 else {"rows": 0, "left_out": {}}
    if not facts["rows"]:
        return f"refused: {_one_line(told.stderr)}"
    trained = _sentiment(place, "train", "--corpus", shape.source, *shape.flags, *QUICK)
    whole = len(written) + shape.left_out
    left = "".join(f", {count} {reason} left out" for reason, count in facts["left_out"].items())
    read = f"{facts['rows']} of {whole}{left}"
    if trained.returncode:
        return f"{read}; not trained: {_one_line(trained.stderr)}"
    return read if facts["labels"] == shape.counted(written) else f"{read}; labels differ"


def _without_flags(shape: Shape, place: Path, written: Sequence[Pair]) -> str:
    """Returns what a user meets who gives the source alone."""
    if not shape.flags:
        return "the same"
    tried = _sentiment(place, "train", "--corpus", shape.source, *QUICK[:-1], "unasked")
    if tried.returncode == 0:
        read = json.loads(_sentiment(place, "corpus", shape.source, "--json").stdout)["rows"]
        return f"trains on {read} of {len(written)}"
    if tried.returncode != 2 or "Traceback" in tried.stderr:
        return f"fails with exit code {tried.returncode}"
    before, as_in, command = _one_line(tried.stderr).partition(", as in: ")
    if as_in:
        return f"one line, with the command `{command}`"
    return "one line: " + re.sub(r"; its columns are .*?: name", ": name", before).replace("`", "")


def _one_line(errors: str) -> str:
    """Returns a message without the name of its file."""
    message = errors.strip().splitlines()[-1].removeprefix("error: ")
    return message.partition(": ")[2] or message


def _code(shape: Shape) -> dict[str, str]:
    fasttext = shape.fasttext or f"{shape.pandas}\n{WRITE_LINE}"
    return {"pandas": shape.pandas, "fasttext": fasttext, "datasets": shape.datasets}


def _peers(python: str, shapes: Sequence[Shape], places: Sequence[Path]) -> list[dict[str, dict[str, Any]]]:
    jobs = [{"folder": str(place), **_code(shape)} for shape, place in zip(shapes, places, strict=True)]
    quiet = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [python, str(ROOT / "benchmarks" / "shapes" / "own_code.py")], input=json.dumps(jobs),
            env=os.environ | quiet | {"HF_HOME": cache}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{python}: {done.stderr}")
    found: list[dict[str, dict[str, Any]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _lines(shape: Shape, tool: str, written: Sequence[Pair], results: dict[str, dict[str, Any]]) -> str:
    if tool not in results:
        return "not installed"
    result = results[tool]
    if "error" in result:
        return f"failed: {_one_line(result['error'])}"
    lines = len(_code(shape)[tool].splitlines())
    if result["rows"] != len(written):
        return f"{_count(lines, 'line')}, {result['rows']} rows of {len(written)}"
    differ = result["labels"] and result["labels"] != Counter(label for _, label in written)
    return _count(lines, "line") + (", labels differ" if differ else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    typer.run(main)
