"""Puts a table between its two marks in README.md, as `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Returns a Markdown table's lines."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def write_table(name: str, lines: Sequence[str], note: str) -> None:
    """Writes the lines and a note (to which the date is added) between the marks of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = README.read_text("utf-8").partition(begin)
    after = rest.partition(end)[2]
    text = "\n".join([before + begin, *lines, f"\n{note}, 2 cores, {date.today().isoformat()}.", end])
    README.write_text(text + after, "utf-8")
