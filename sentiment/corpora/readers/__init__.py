"""Files as people distribute them -> rows of text, label and split; the one reader of every command."""

from sentiment.corpora.readers.frame import Frame
from sentiment.corpora.readers.options import DialectOptions, ReadOptions, columns_in
from sentiment.corpora.readers.reader import Reader, Row
from sentiment.corpora.readers.row_batch import RowBatch
from sentiment.corpora.readers.table import REASONS, Flaw, LeftOut, Position, Table
from sentiment.corpora.readers.whole_table import dialect_line, dialect_of, read_frame, read_table

__all__ = [
    "REASONS",
    "DialectOptions",
    "Flaw",
    "Frame",
    "LeftOut",
    "Position",
    "ReadOptions",
    "Reader",
    "Row",
    "RowBatch",
    "Table",
    "columns_in",
    "dialect_line",
    "dialect_of",
    "read_frame",
    "read_table",
]
