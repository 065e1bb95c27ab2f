"""Tables whose texts hold the delimiter without quotes, as people type them: "positive,I love this, really"."""

from collections import Counter
from collections.abc import Sequence

from sentiment.corpora.readers.columns import KNOWN_NAMES, looks_like_labels
from sentiment.corpora.readers.delimited import joined
from sentiment.corpora.readers.headers import with_unnamed

_FEW = 0.01  # of the rows: so many may be broken
_FEWEST = 3  # rows have too many cells
_MANY = 0.1  # of the rows have one cell in a file of lines


def find_spilling(rows: Sequence[list[str]], delimiter: str, wanted: set[str]) -> tuple[int, int] | None:
    """Returns how many columns a table has whose rows have too many cells, and the column that these are part of.

    That is the one of the most words, where all others hold labels or one word a cell: they are never torn apart. None
    where this can't be told, or where few rows have too many cells: they are broken then.

    Args:
        rows: the cells of the first records, of any number; of a header, if there is one, too.
        delimiter: what stands between cells.
        wanted: names of columns that the user gave, case-folded.
    """
    if len(rows) < _FEWEST or with_unnamed(rows[0], rows[1:]):
        return None
    header = _is_header(rows[0], wanted)
    width = _width(rows, header)
    if not width or sum(len(row) > width for row in rows) < max(_FEWEST, _FEW * len(rows)):
        return None
    whole = [row for row in rows[header:] if len(row) >= width]
    found = [column for column in range(width) if _may_spill(whole, width, column, delimiter)]
    words = {column: sum(len(joined(row, width, column, " ")[column].split()) for row in whole) for column in found}
    return (width, max(found, key=lambda column: words[column])) if found else None


def _is_header(cells: list[str], wanted: set[str]) -> bool:
    return bool({cell.strip().casefold() for cell in cells} & (wanted | KNOWN_NAMES))


def _width(rows: Sequence[list[str]], header: bool) -> int:
    """Returns how many columns there are; 0 where it can't be told."""
    widths = sorted(map(len, rows))
    width = len(rows[0]) if header else widths[int(_FEW * len(widths))]
    if sum(each < width for each in widths) > _FEW * len(widths):
        return 0
    if width > 1 or header:
        return width
    # Lines of text, or a damaged table: that has columns of labels, and few rows with one cell.
    usual = Counter(widths).most_common(1)[0][0]
    columns = zip(*(row for row in rows if len(row) == usual), strict=True)
    return 0 if widths.count(1) < _MANY * len(widths) or (usual > 1 and any(map(looks_like_labels, columns))) else 1


def _may_spill(rows: Sequence[list[str]], width: int, column: int, delimiter: str) -> bool:
    fitted = [joined(row, width, column, delimiter) for row in rows]
    for place in range(width):
        cells = [row[place] for row in fitted]
        if place != column and not (looks_like_labels(cells) or all(len(cell.split()) < 2 for cell in cells)):
            return False
    # What would be the text's outermost parts may be more labels; in prose a space comes after a comma.
    surplus = [row for row in rows if len(row) > width]
    first, last = [row[column] for row in surplus], [row[column + len(row) - width] for row in surplus]
    return not ((column > 0 and _are_labels(first)) or (column + 1 < width and _are_labels(last)))


def _are_labels(cells: list[str]) -> bool:
    return looks_like_labels(cells) and all(len(cell.split()) < 2 and cell[:1] != " " for cell in cells)
