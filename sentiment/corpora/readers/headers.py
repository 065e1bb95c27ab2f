"""Whether the first row of a table names its columns, and whether a title or notes stand above it."""

from collections.abc import Sequence

from sentiment.corpora.readers.columns import KNOWN_NAMES, guess_roles, looks_like_labels
from sentiment.corpora.readers.options import command
from sentiment.errors import InputError

MOST_ABOVE = 20  # rows


def rows_above(rows: Sequence[Sequence[str]], wanted: set[str], said: str = "auto") -> int:
    """Returns how many of the first rows are a title or notes: one cell each, above known names of columns.

    Args:
        rows: the cells of the first records, of any number.
        wanted, said: as for `has_header`; nothing stands above what the user said is first.
    """
    for number, row in enumerate(rows[: MOST_ABOVE + 1] if said == "auto" else ()):
        names = {cell.strip().casefold() for cell in row if cell.strip()}
        if len(names) > 1:
            return number if names & (wanted | {"text", "label"}) or names <= KNOWN_NAMES else 0
    return 0


def with_unnamed(header: list[str], rows: Sequence[Sequence[str]]) -> list[str] | None:
    """Returns the header with an empty name more, where all rows but a hundredth have one cell more than it; else None.

    That is each row's number in front, as R writes it, or nothing behind a last delimiter.
    """
    longer = [row for row in rows if len(row) == len(header) + 1]
    if not header or not longer or len(longer) < 0.99 * len(rows):
        return None
    if all(not row[-1].strip() for row in longer):
        return [*header, ""]
    numbers = [row[0] for row in longer]
    return ["", *header] if all(map(str.isdecimal, numbers)) and len(set(numbers)) == len(numbers) else None


def has_header(name: str, rows: Sequence[Sequence[str]], wanted: set[str], said: str = "auto") -> bool:
    """Returns whether the first of some rows names the columns.

    Args:
        name: what messages call the file.
        rows: the cells of its first records.
        wanted: names of columns that the user gave, case-folded.
        said: "first", "none" or "auto": what the user said.

    Raises:
        InputError: both may be; with the flags that decide.
    """
    if said != "auto" or not rows:
        return said != "none"
    filled = [place for place in range(len(rows[0])) if any(row[place].strip() for row in rows if place < len(row))]
    first, *rest = ([row[place].strip() for place in filled if place < len(row)] for row in rows)
    if not _could_name(first):
        return False
    if {cell.casefold() for cell in first} & (wanted | {"text", "label"}):
        return True
    if _repeats_a_label(first, rest):
        return False
    known = sum(cell.casefold() in KNOWN_NAMES for cell in first)
    if known == len([cell for cell in first if cell]) or known > 1:
        return True
    if not rest or _differs(first, rest):
        return True
    shown = ", ".join(repr(cell[:40]) for cell in first[:6])
    raise InputError(
        f"{name}: the first row, {shown}, may be a header or data: say which with --header first or --header none, "
        + command(name, "--header none")
    )


def _could_name(cells: list[str]) -> bool:
    """Whether cells are what columns are called: short, all different, no numbers, no sentences."""
    filled = [cell for cell in cells if cell]
    if not filled or len(filled) < len(cells) - 1:  # pandas leaves its index without a name
        return False
    if len({cell.casefold() for cell in filled}) < len(filled) and len(filled) > 1:
        return all(cell.casefold() in KNOWN_NAMES for cell in filled)  # a name given twice: `find_roles` says so
    return all(len(cell) <= 60 and len(cell.split()) <= 5 and not _is_number(cell) for cell in filled)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return not any(each.isalpha() for each in cell)
    return True


def _repeats_a_label(first: list[str], rest: Sequence[Sequence[str]]) -> bool:
    for place, cell in enumerate(first):
        column = [row[place].strip() for row in rest if place < len(row)]
        if cell and len(column) > 1 and looks_like_labels(column) and cell in column:
            return True
    return False


def _differs(first: list[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is unlike the rows below: a word above numbers or labels, one word above texts."""
    text, label = guess_roles(rest, len(first))
    texts = [row[text] for row in rest if text < len(row)]
    words = sum(len(cell.split()) for cell in texts) / max(1, len(texts))
    if words > 3 and len(first[text].split()) <= 2:
        return True
    for place, cell in enumerate(first):
        column = [row[place].strip() for row in rest if place < len(row)]
        if column and cell and all(map(_is_number, filter(None, column))):
            return True
        if place == label and len(rest) > 3 and cell not in column and len(set(column)) * 4 <= len(column):
            return True
    return False
