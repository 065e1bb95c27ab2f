"""What tests of reading in batches share: the rows of batches, and single rows in the same form."""

from collections.abc import Iterable

from sentiment.corpora.readers import Flaw, Row, RowBatch
from sentiment.corpora.readers.all_cores import ReadRows


def rows_in_batches(batches: Iterable[RowBatch]) -> list[tuple]:
    """Returns the rows; without their cells where these are gone."""
    found = []
    for batch in batches:
        assert batch.end.row == batch.first + len(batch) - 1
        numbers = range(batch.first, batch.first + len(batch))
        cells = [() if isinstance(each, Flaw) else list(each) for each in batch.cells]
        if isinstance(batch, ReadRows):
            cells = [None] * len(batch)
        found += zip(
            numbers, batch.lines, batch.files, batch.texts(), batch.labels(), batch.splits(), cells, strict=True
        )
    return found


def rows_one_by_one(rows: list[Row]) -> list[tuple]:
    return [(*row[:6], () if isinstance(row.text, Flaw) and row.cells == () else list(row.cells)) for row in rows]
