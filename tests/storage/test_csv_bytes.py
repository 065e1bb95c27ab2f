"""CSV by columns and by rows."""

from hypothesis import given
from hypothesis import strategies as st

from sentiment.storage.csv_bytes import csv_bytes, csv_of_columns

CELLS = st.text(st.sampled_from("a,;\t\"'\r\n\0 é\ud83d"), max_size=4) | st.text(max_size=4)


ROWS = st.integers(2, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=5))


@given(ROWS, st.sampled_from(",\t"))
def test_columns_are_written_as_their_rows_are(rows, delimiter):
    columns = list(map(list, zip(*rows, strict=True)))
    assert csv_of_columns(columns, delimiter) == csv_bytes(rows, delimiter)
