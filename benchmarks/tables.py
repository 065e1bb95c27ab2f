"""Markdown tables of measurements: put between their marks in docs/, with the machine and the date."""

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns a Markdown table's lines."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def machine() -> str:
    """Returns the cores that this process may use and their model, such as "2 cores of AMD EPYC"."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} {'core' if cores == 1 else 'cores'} of {_cpu_model()}"


def measured_here() -> str:
    """Returns what stands beside a figure: machine and date."""
    return f"{machine()}, {date.today().isoformat()}"


def write_table(name: str, lines: Sequence[str], note: str, folder: Path = DOCS) -> Path:
    """Writes lines and a note, with machine and date, between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Args:
        name: of the marks, which stand in one document of the folder.
        lines: of the table, and what goes with it.
        note: the command, the corpus, the number of runs.
        folder: where the documents are.

    Returns:
        The document.

    Raises:
        LookupError: no document has the marks, or more than one.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    marked = [path for path in sorted(folder.glob("*.md")) if begin in path.read_text("utf-8")]
    if len(marked) != 1:
        raise LookupError(f"{folder}: {begin} stands in {len(marked)} documents, not in one")
    before, _, rest = marked[0].read_text("utf-8").partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise LookupError(f"{marked[0]}: {begin} without {end}")
    marked[0].write_text("\n".join([before + begin, *lines, f"\n{note}, {measured_here()}.", end]) + after, "utf-8")
    return marked[0]


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # no Linux
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
