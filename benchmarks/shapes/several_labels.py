"""Data sets whose texts have several labels: in one cell, or in a column of 0 and 1 for each."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.shapes.shape import Pair, Shape, in_splits, joined, pairs, write_csv, write_lines


def _goemotions(folder: Path) -> list[Pair]:
    splits = in_splits(("0", "3", "0,3", "27", "3,11"))
    for name, rows in splits.items():
        lines = [f"{text}\t{label}\tid{row}" for row, (text, label) in enumerate(rows)]
        write_lines(folder / "data" / f"{name}.tsv", lines)
    write_lines(folder / "data" / "emotions.txt", [f"emotion{number}" for number in range(28)])
    return [(text, ",".join(f"emotion{each}" for each in label.split(","))) for text, label in joined(splits)]


def _jigsaw(folder: Path) -> list[Pair]:
    names = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    return _wide(folder / "train.csv", ("id", "comment_text"), names)


def _goemotions_wide(folder: Path) -> list[Pair]:
    before = ("text", "id", "author", "subreddit", "link_id", "parent_id", "created_utc", "rater_id")
    return _wide(folder / "goemotions_1.csv", before, [f"emotion{number}" for number in range(28)])


def _wide(path: Path, before: Sequence[str], names: Sequence[str]) -> list[Pair]:
    """Writes texts with a column of 0 and 1 for each label: of five texts one has two labels, and one none."""
    rows = pairs((names[0], names[3], f"{names[0]},{names[3]}", "", names[1]))
    head = [*before, *names]
    cells = [
        [*(text if name in ("comment_text", "text") else f"{row}ab" for name in before), *_on(label, names)]
        for row, (text, label) in enumerate(rows)
    ]
    write_csv(path, [head, *cells])
    return rows


def _on(label: str, names: Sequence[str]) -> list[int]:
    return [int(name in label.split(",")) for name in names]


def _wide_code(file: str, text: str, before: int) -> str:
    """Returns pandas' lines for a CSV with so many columns before those of 0 and 1."""
    return (
        f'frame = pd.read_csv("{file}")\n'
        f"on = frame.iloc[:, {before}:] == 1\n"
        f'texts, labels = list(frame["{text}"]), [list(on.columns[row]) for row in on.to_numpy()]'
    )


_SEVERAL = (  # GoEmotions
    'frames = [pd.read_csv(f"data/{n}.tsv", sep="\\t", header=None, quoting=3) for n in ("train", "dev", "test")]\n'
    "frame = pd.concat(frames)\n"
    'names = Path("data/emotions.txt").read_text().splitlines()\n'
    'texts, labels = list(frame[0]), [[names[int(y)] for y in label.split(",")] for label in frame[1].astype(str)]'
)
_LINES = (  # fastText's, of lists of labels
    'lines = [" ".join([*(f"__label__{y}" for y in ys), *x.split()]) for x, ys in zip(texts, labels)]\n'
    'open("train.txt", "w").write("\\n".join(lines) + "\\n")'
)
SEVERAL_LABELS = (
    Shape(
        "GoEmotions", "folder of TSV, no header; several labels a text, 3,11; their names in a file", "data",
        _goemotions, ("--text", "1", "--label", "2"),
        _SEVERAL,
        'files, names = {n: f"data/{n}.tsv" for n in ("train", "dev", "test")}, ["text", "labels", "id"]\n'
        'data = load_dataset("csv", data_files=files, sep="\\t", column_names=names, quoting=3)\n'
        'data = data.map(lambda row: {"labels": str(row["labels"]).split(",")})',
        fasttext=f"{_SEVERAL}\n{_LINES}",
        labels_between=",",
    ),
    Shape(
        "GoEmotions, by rater", "CSV of many columns, 28 of them 0 and 1", "goemotions_1.csv", _goemotions_wide, (),
        _wide_code("goemotions_1.csv", "text", 8),
        'data = load_dataset("csv", data_files="goemotions_1.csv")',
        fasttext=f"{_wide_code('goemotions_1.csv', 'text', 8)}\n{_LINES}",
        labels_between=",",
    ),
    Shape(
        "Jigsaw toxic comments", "CSV: id, text, and six columns of 0 and 1", "train.csv", _jigsaw,
        ("--text", "comment_text"), _wide_code("train.csv", "comment_text", 2),
        'data = load_dataset("csv", data_files="train.csv")',
        fasttext=f"{_wide_code('train.csv', 'comment_text', 2)}\n{_LINES}",
        labels_between=",",
    ),
)  # fmt: skip
