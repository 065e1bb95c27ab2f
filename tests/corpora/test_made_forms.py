"""Made-up files in the forms of public data sets, written here: each becomes the corpus that it stands for."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment.corpora import Corpus, CorpusOptions, load_corpus

WORDS = {"negative": ("dull", "bitter", "torn"), "positive": ("sunny", "crisp", "tidy")}
ROWS = [
    (f"our kitchen looks {WORDS[label][row % 3]} since week {row} – café", label)
    for row in range(40)
    for label in (("negative", "positive")[row % 2],)
]


def _lines(separator: str, rows=ROWS, header: str = "") -> str:
    return header + "".join(f"{text}{separator}{label}\n" for text, label in rows)


def _split(row: int) -> str:
    return "train" if row < 24 else "dev" if row < 32 else "test"


def _side_by_side(folder: Path) -> None:
    for name in ("train", "dev", "test"):
        rows = [pair for row, pair in enumerate(ROWS) if _split(row) == name]
        (folder / f"{name}.tsv").write_text(_lines("\t", rows, "text\tlabel\n"), "utf-8")


def _class_folders(folder: Path) -> None:
    for row, (text, label) in enumerate(ROWS):
        place = folder / ("test" if row >= 30 else "train") / label
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{row}.txt").write_text(text, "utf-8")


def _splits_in_json(path: Path) -> None:
    found: dict[str, list] = {"train": [], "dev": [], "test": []}
    for row, pair in enumerate(ROWS):
        found[_split(row)].append(list(pair))
    path.write_text(json.dumps(found), "utf-8")


def _quoted_columns(path: Path) -> None:
    rows = [f'"{label}","{row}","someone","{text.replace("–", "-")}"' for row, (text, label) in enumerate(ROWS)]
    path.write_bytes("\n".join(rows).encode("latin-1"))


GIVEN = {"train": 24, "validation": 8, "test": 8}
CUT = {"train": 32, "validation": 4, "test": 4}
# name -> (what writes it, text column, label column, options, rows of each split)
FORMS: dict[str, tuple[Callable[[Path], object], str | None, str | None, dict, dict]] = {
    "four quoted columns in latin-1.csv": (_quoted_columns, "4", "1", {}, CUT),
    "semicolons.txt": (lambda path: path.write_text(_lines(";"), "utf-8"), None, None, {}, CUT),
    "utf-16.csv": (lambda path: path.write_text(_lines(",", header="text,label\n"), "utf-16"), None, None, {}, CUT),
    "packed.tsv.gz": (
        lambda path: path.write_bytes(gzip.compress(_lines("\t", header="text\tlabel\n").encode())), None, None, {}, CUT
    ),
    "fasttext.txt": (
        lambda path: path.write_text("".join(f"__label__{label} {text}\n" for text, label in ROWS), "utf-8"),
        None, None, {}, CUT,
    ),
    "lines.json": (
        lambda path: path.write_text("".join(json.dumps({"body": t, "y": y}) + "\n" for t, y in ROWS), "utf-8"),
        "body", "y", {}, CUT,
    ),
    "splits.json": (_splits_in_json, None, None, {}, GIVEN),
    "split column.csv": (
        lambda path: path.write_text(
            "text,label,part\n" + "".join(f"{t},{y},{_split(row)}\n" for row, (t, y) in enumerate(ROWS)), "utf-8"
        ),
        None, None, {"split_column": "part"}, GIVEN,
    ),
    "side by side": (_side_by_side, None, None, {}, GIVEN),
    "class folders": (_class_folders, None, None, {}, {"train": 26, "validation": 4, "test": 10}),
    "ninety-ten.csv": (
        lambda path: path.write_text(_lines(",", header="text,label\n"), "utf-8"),
        None, None, {"shares": "90/10"}, {"train": 36, "validation": 4},
    ),
}  # fmt: skip


def _made(folder: Path, name: str) -> Corpus:
    write, text, label, options, _ = FORMS[name]
    path = folder / name
    if not path.suffix:
        path.mkdir()
    write(path)
    return load_corpus(str(path), text, label, options=CorpusOptions(**options))


@pytest.mark.parametrize("name", FORMS)
def test_a_form_becomes_the_corpus_that_it_stands_for(name, tmp_path):
    corpus = _made(tmp_path, name)
    expected = {text.replace("–", "-") if "latin" in name else text for text, _ in ROWS}
    assert set(corpus.texts) == expected
    assert len(corpus.texts) == 40
    assert corpus.label_names == ("negative", "positive")
    assert {split: len(rows) for split, rows in corpus.splits.items()} == FORMS[name][4]
    truth = dict(ROWS)
    for text, label in zip(corpus.texts, corpus.labels, strict=True):
        assert truth[text.replace(" - ", " – ")] == corpus.label_names[label]
