"""Columns of 0 and 1, one for each label, that together say which labels a text has."""

from collections.abc import Collection, Sequence

from sentiment.corpora.readers.values import is_missing

ENOUGH = 3  # columns side by side that are taken for labels unasked; two may say anything of a text
_WORDS = {"true": True, "false": False}
_NUMBERS = {"1": True, "0": False, "1.0": True, "0.0": False}  # pandas writes 1.0 where other cells are missing


def is_on(cell: object) -> bool | None:
    """Returns whether a cell says 1 or 0, also as a word or a boolean; None for anything else."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return bool(cell) if cell in (0, 1) else None
    if not isinstance(cell, str):
        return None
    written = cell.strip().casefold()
    return _NUMBERS.get(written, _WORDS.get(written))


def labels_on(cells: Sequence[object], names: Sequence[str]) -> list[str] | None:
    """Returns the names of the cells that say 1; None, a missing label, where one says neither 1 nor 0."""
    on = [is_on(cell) for cell in cells]
    return None if None in on else [name for name, each in zip(names, on, strict=True) if each]


def find_indicators(rows: Sequence[Sequence[object]], width: int, taken: Collection[int | None] = ()) -> list[int]:
    """Returns the longest run of columns side by side that hold nothing but 0 and 1, all as numbers or all as words.

    Args:
        rows: the cells of the first records.
        width: how many columns there are.
        taken: columns that are something else.
    """
    best: list[int] = []
    run: list[int] = []
    before = ""
    for place in range(width):
        form = "" if place in taken else _form([row[place] for row in rows if place < len(row)])
        run = [*run, place] if form and form == before else [place] if form else []
        before = form
        best = run if len(run) > len(best) else best
    some = any(is_on(row[place]) for row in rows for place in best if place < len(row))
    return best if len(best) > 1 and some else []


def _form(cells: Sequence[object]) -> str:
    """Returns "number" or "word" where all cells that aren't missing say 0 or 1 in this form; else ""."""
    given = [cell for cell in cells if not is_missing(cell)]
    if not given or any(is_on(cell) is None for cell in given):
        return ""
    words = {isinstance(cell, bool) or str(cell).strip().casefold() in _WORDS for cell in given}
    return "" if len(words) > 1 else "word" if True in words else "number"
