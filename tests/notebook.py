"""docs/notebook.ipynb, run cell by cell without Jupyter: what each cell prints; `--write` puts that into the file."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
_PROGRAM = """
import contextlib, io, json, sys
names, printed = {"__name__": "__main__"}, []
for source in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "<cell>", "exec"), names)
    printed.append(out.getvalue())
print(json.dumps(printed))
"""


def code_cells() -> list[dict]:
    """Returns the cells of code."""
    return [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def shown(cell: dict) -> str:
    """Returns what the notebook shows below a cell."""
    return "".join(line for output in cell["outputs"] for line in output["text"])


def run(folder: Path) -> list[str]:
    """Runs the cells in a new process, in a folder; returns what each prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM],
        input=json.dumps(["".join(cell["source"]) for cell in code_cells()]),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    return json.loads(done.stdout)


def write(printed: list[str]) -> None:
    """Puts what the cells print into the notebook."""
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell, text in zip(cells, printed, strict=True):
        lines = text.splitlines(keepends=True)
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}] if lines else []
    NOTEBOOK.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as there:
        found = run(Path(there))
    if sys.argv[1:] == ["--write"]:
        write(found)
    print("".join(found), end="")  # noqa: T201
