"""Numbered labels get the names that a file beside the data lists: emotions.txt, classes.txt."""

import zipfile

import pytest

from sentiment.corpora import CorpusOptions, load_corpus

NAMES = ("joy", "fear", "anger")


def written(folder, first: int, labels=(0, 1, 2), list_name: str = "classes.txt", names=NAMES):
    """Writes rows with labels counted from `first`, and a list of names; returns the file of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"text number {n},{labels[n % len(labels)] + first}\n" for n in range(30)]
    (folder / "own.csv").write_text("text,label\n" + "".join(rows))
    (folder / list_name).write_text("\n".join(names) + "\n")
    return folder / "own.csv"


@pytest.mark.parametrize("list_name", ["classes.txt", "emotions.txt"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_list_names_the_numbers_from_0_or_from_1_on_and_a_line_says_so(first, list_name, tmp_path):
    path = written(tmp_path / "data", first, list_name=list_name)
    for source in (path, path.parent, f"{path.parent}/*.csv"):
        corpus = load_corpus(source)
        assert corpus.label_names == NAMES, source
        assert [corpus.label_of(row) for row in range(3)] == list(NAMES)
        assert f"labels named by {list_name} from {first} on" in corpus.notes[0]


def test_single_labels_of_several_are_named(tmp_path):
    (tmp_path / "emotions.txt").write_text("\n".join(NAMES))
    lines = [f"text number {n}\t{('0', '2', '0,2', '1')[n % 4]}\tid{n}\n" for n in range(40)]
    (tmp_path / "train.tsv").write_text("".join(lines))
    corpus = load_corpus(tmp_path / "train.tsv", "1", "2")
    assert corpus.label_names == NAMES
    assert corpus.label_of(2) == "joy,anger"


def test_an_archive_has_its_list_inside(tmp_path):
    path = written(tmp_path / "data", 1)
    with zipfile.ZipFile(tmp_path / "own.zip", "w") as archive:
        for each in path.parent.iterdir():
            archive.write(each, each.name)
    assert load_corpus(tmp_path / "own.zip").label_names == NAMES


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ((0, 1, 5), NAMES),  # a number without a line
        ((0, 1, 2, 3), NAMES),  # from 0 and from 1 at once
        ((0, 1, 2), ("joy", "fear", "joy")),  # a name given twice
    ],
    ids=["too large", "both ways", "twice"],
)
def test_a_list_that_does_not_fit_names_nothing(labels, names, tmp_path):
    corpus = load_corpus(written(tmp_path / "data", 0, labels, names=names))
    assert corpus.label_names == tuple(map(str, labels))


def test_words_are_not_named(tmp_path):
    path = written(tmp_path / "data", 0)
    path.write_text("text,label\n" + "".join(f"text number {n},{'ab'[n % 2]}\n" for n in range(30)))
    assert load_corpus(path).label_names == ("a", "b")


def test_where_both_counts_fit_labels_stay_numbers_and_a_line_says_so(tmp_path):
    path = written(tmp_path / "data", 1, (0, 1))  # 1 and 2 of three names
    corpus = load_corpus(path)
    assert corpus.label_names == ("1", "2")
    said = "labels stay numbers: classes.txt may name them from 0 or from 1 on, --map 3=NAME names one"
    assert said in corpus.notes[0]
    assert load_corpus(path, options=CorpusOptions(label_map={"1": "joy", "2": "fear"})).label_names == ("fear", "joy")


def test_the_list_itself_can_be_predicted(tmp_path):
    from sentiment.corpora.readers import Reader

    path = written(tmp_path / "data", 0).with_name("classes.txt")
    with Reader(path) as reader:
        assert [row.text for row in reader.rows()] == list(NAMES)
