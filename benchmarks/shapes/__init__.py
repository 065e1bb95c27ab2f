"""The shapes of 31 public data sets, made small with texts of our own; `benchmarks/front_door.py` reads them."""

from benchmarks.shapes.others import OTHERS
from benchmarks.shapes.several_labels import SEVERAL_LABELS
from benchmarks.shapes.shape import Shape
from benchmarks.shapes.tables import TABLES

SHAPES: tuple[Shape, ...] = (*TABLES, *SEVERAL_LABELS, *OTHERS)
