"""Rows in batches are those that are read one by one, whatever the file and wherever it is cut."""

import pickle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from row_batches import rows_in_batches, rows_one_by_one

from sentiment.corpora.readers import Flaw, Position, Reader, ReadOptions, RowBatch
from sentiment.corpora.readers.all_cores import ReadRows, all_rows, as_read
from sentiment.corpora.readers.columns import Roles
from sentiment.corpora.readers.row_batch import Meaning
from sentiment.errors import InputError

CELLS = st.sampled_from(
    ["so", "a,b", '"', '""', '"q"', '"a,b"', '"two\nlines"', '"a\r\nb"', "'", "'it''s'", "\\", '\\"', ""]
)
CELLS |= st.sampled_from(
    ["café", "\xa0", "x" * 40, "\r", "\x0b", "\u2028", "\ud83d", "\0", "1", "0", '"open', 'shut"', "-"]
)
LINES = st.lists(CELLS, min_size=1, max_size=4)
FILES = st.lists(LINES, max_size=12)
OPTIONS = st.fixed_dictionaries(
    {
        "quoting": st.sampled_from(["double", "single", "backslash", "none", "auto"]),
        "header": st.sampled_from(["first", "none"]),
        "encoding": st.sampled_from(["utf-8", "latin-1", "cp1252", "gb18030"]),
    }
)


@settings(max_examples=300)
@example([["text", "label"], ['"two\nlines"', "1"], ["so", "a"], [""], [""]], {"quoting": "double"}, "\n", 9)
@example(
    [["text", "label"], ["a", '"open'], *[["so", "1"]] * 9, [""], ['"shut"', "0"]], {"quoting": "double"}, "\r\n", 3
)
@given(FILES, OPTIONS, st.sampled_from(["\n", "\r\n", "\n", "\r"]), st.integers(1, 200))
def test_tables_and_lines_give_the_same_rows_in_batches(tmp_path_factory, lines, options, end, piece):
    content = end.join([",".join(cells) for cells in lines])
    data = content.encode(options.get("encoding", "utf-8"), "replace") + (end.encode() if piece % 2 else b"")
    path = tmp_path_factory.mktemp("any") / ("own.csv" if piece % 3 else "own")
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sentiment.corpora.readers.lines.PIECE_BYTES", piece)
        patched.setattr("sentiment.corpora.readers.formats._BATCH_SIZE", piece)
        try:
            reader = Reader(path, ReadOptions(text=("1",), **options))
        except InputError:
            return
        with reader:
            rows = list(reader.rows())
            assert rows_in_batches(reader.batches()) == rows_one_by_one(rows)
            for start in rows:
                assert rows_in_batches(reader.batches(start.end)) == rows_one_by_one(rows[start.number :])
            for batch in reader.batches():
                assert list(reader.rows(batch.end)) == rows[batch.end.row :]
            dealt_out = rows_in_batches(all_rows(reader, processes=1))
            assert [row[:6] for row in dealt_out] == [row[:6] for row in rows]


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=9), st.booleans())
def test_a_batch_is_the_same_in_another_process(rows, flawed):
    cells = [*rows, *([Flaw("broken line", "2 cells", "a,b")] if flawed else [])]
    batch = RowBatch(
        7, range(2, 2 + len(cells)), ["in.csv"] * len(cells), cells, Meaning(Roles((0,), 1, None)), Position(9)
    )
    sent = pickle.loads(pickle.dumps(batch))  # noqa: S301 - of this line
    assert [list(each) for each in sent.cells] == [list(each) for each in batch.cells]
    assert (sent.texts(), sent.labels(), sent.splits()) == (batch.texts(), batch.labels(), batch.splits())
    assert (sent.first, list(sent.lines), sent.files, sent.end) == (7, list(batch.lines), batch.files, batch.end)
    read = pickle.loads(pickle.dumps(as_read(batch)))  # noqa: S301 - of this line
    assert len(read) == len(batch)
    assert (read.texts(), read.labels(), read.splits()) == (batch.texts(), batch.labels(), batch.splits())
    assert (read.first, list(read.lines), read.files, read.end) == (7, list(batch.lines), batch.files, batch.end)


@pytest.mark.parametrize("flaw", ["", "\n", '"two\nlines",1\n', ",\n", "a,b,c\n", '"open,1\n'])
@pytest.mark.parametrize("place", [0, 20_000, 39_999])
def test_several_processes_read_the_rows_that_one_reads(tmp_path, flaw, place):
    lines = [f"text number {number},{number % 2}\n" for number in range(40_000)]
    path = tmp_path / "large.csv"
    path.write_text("text,label\n" + "".join([*lines[:place], flaw, *lines[place:]]))
    with Reader(path) as reader:
        one, several = (rows_in_batches(batches) for batches in (reader.batches(), all_rows(reader, processes=2)))
    assert [row[:6] for row in several] == [row[:6] for row in one]
    assert len(one) >= 40_000


def test_a_large_table_is_read_by_several_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("sentiment.corpora.readers.all_cores.available_cores", lambda: 2)
    path = tmp_path / "large.csv"
    path.write_text("text,label\n" + "so good,1\n" * 100_000)
    with Reader(path) as reader:
        assert {type(batch) for batch in all_rows(reader)} == {RowBatch}
        monkeypatch.setattr("sentiment.corpora.readers.all_cores._LARGE", path.stat().st_size)
        assert {type(batch) for batch in all_rows(reader)} == {ReadRows}
