"""Made tweets with labels in files of CSV, and the files of a folder: what tests of preparation share."""

import csv
import random
from collections.abc import Iterable
from pathlib import Path

_WORDS = ("happy", "sad", "so", "day", "what", "is", "lovely", "awful", "#fun", "@you", "http://a.b", "☔", "RT")
_WORDS += (":)", ":-(", "goooood")


def write(path: Path, rows: Iterable[Iterable[object]]) -> str:
    """Writes rows as CSV; returns the path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def tweets(n: int, seed: int = 0) -> list[list[str]]:
    """Returns n rows of a text and a label."""
    draw = random.Random(seed)
    return [[" ".join(draw.choices(_WORDS, k=draw.randint(1, 7))), draw.choice(["bad", "good"])] for _ in range(n)]


def contents(folder: Path) -> dict[str, bytes]:
    """Returns the bytes of a folder's files by their names."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
