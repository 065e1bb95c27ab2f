"""A public data set's shape: what it looks like on disk, made small with texts of our own, and how it is read."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Pair = tuple[str, str]
_PLACES = ("kitchen", "harbour", "library", "garden", "station", "bakery", "museum")
_WORDS = ("crisp", "dull", "sunny", "torn", "tidy", "bitter", "quiet", "loud", "warm")


@dataclass(frozen=True)
class Shape:
    """One data set's shape.

    Attributes:
        name: of the data set.
        form: how its authors distribute it, in a few words.
        source: what a user names, in the folder that `write` fills.
        write: writes the files into a folder; returns text and label, as they should be read, of every row that can be
            used.
        flags: what `sentiment corpus` and `sentiment train` need beside the source.
        pandas: lines that make `texts` and `labels` of the files, with pandas and Python's library.
        datasets: lines that make `data` of them, with Hugging Face's `load_dataset`.
        fasttext: lines that make fastText's train.txt; "": pandas' and one that writes.
        left_out: rows that can't be used.
        labels_between: what stands between the labels of a text, where it has several.
    """

    name: str
    form: str
    source: str
    write: Callable[[Path], list[Pair]]
    flags: tuple[str, ...]
    pandas: str
    datasets: str
    fasttext: str = ""
    left_out: int = 0
    labels_between: str = ""

    def counted(self, written: "Sequence[Pair]") -> Counter[str]:
        """Returns how many of the written texts have each label."""
        between = self.labels_between
        return Counter(each for _, label in written for each in (label.split(between) if between else [label]) if each)


def pairs(labels: Sequence[str], count: int = 60, start: int = 0) -> list[Pair]:
    """Returns texts of our own, all different, with labels in turn."""
    found = []
    for row in range(start, start + count):
        label = labels[row % len(labels)]
        word = _WORDS[row % len(labels) % len(_WORDS)]
        comma = "," if row % 3 == 0 else ""
        said = f'"{word}"' if row % 5 == 0 else word
        end = ", isn't it" if row % 4 == 1 else ""
        found.append((f"our {_PLACES[row % 7]} café{comma} {said} since week {row}{end}", label))
    return found


def in_splits(labels: Sequence[str], names: Sequence[str] = ("train", "dev", "test")) -> dict[str, list[Pair]]:
    """Returns such texts by split: 60 for the first name, 30 for each other one."""
    starts = [0, *range(60, 60 + 30 * (len(names) - 1), 30)]
    return {
        name: pairs(labels, 30 if start else 60, start) for name, start in zip(names, starts, strict=True)
    }  # fmt: skip


def joined(splits: dict[str, list[Pair]]) -> list[Pair]:
    """Returns the rows of all splits."""
    return [pair for rows in splits.values() for pair in rows]


def write_csv(path: Path, rows: Iterable[Sequence[object]], encoding: str = "utf-8", quote_all: bool = False) -> None:
    """Writes rows as CSV; its folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, quoting=quoting, lineterminator="\n").writerows(rows)


def write_lines(path: Path, lines: Iterable[str], encoding: str = "utf-8") -> None:
    """Writes lines; their folders too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding)
