"""Rows in batches are those that are read one by one, whatever the file and wherever it is cut."""

import pickle

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from row_batches import rows_in_batches, rows_one_by_one

from sentiment.corpora.readers import Flaw, Position, Reader, ReadOptions, RowBatch
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
            assert rows_in_batches(reader) == rows_one_by_one(rows)
            for start in rows:
                assert rows_in_batches(reader, start.end) == rows_one_by_one(rows[start.number :])
            for batch in reader.batches():
                assert list(reader.rows(batch.end)) == rows[batch.end.row :]


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
