"""Files as people distribute them -> rows of text, label and split; the one reader of every command."""

from sentiment.corpora.readers.options import ReadOptions, columns_in
from sentiment.corpora.readers.reader import read_table
from sentiment.corpora.readers.table import REASONS, Flaw, LeftOut, Position, Table

__all__ = ["REASONS", "Flaw", "LeftOut", "Position", "ReadOptions", "Table", "columns_in", "read_table"]
