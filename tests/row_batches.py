"""What tests of reading in batches share: the rows of batches, and single rows in the same form."""

from sentiment.corpora.readers import Flaw, Position, Reader, Row

BEGINNING = Position()


def rows_in_batches(reader: Reader, start: Position = BEGINNING) -> list[tuple]:
    found = []
    for batch in reader.batches(start):
        assert batch.end.row == batch.first + len(batch) - 1
        numbers = range(batch.first, batch.first + len(batch))
        cells = [() if isinstance(each, Flaw) else list(each) for each in batch.cells]
        found += zip(
            numbers, batch.lines, batch.files, batch.texts(), batch.labels(), batch.splits(), cells, strict=True
        )
    return found


def rows_one_by_one(rows: list[Row]) -> list[tuple]:
    return [(*row[:6], () if isinstance(row.text, Flaw) and row.cells == () else list(row.cells)) for row in rows]
