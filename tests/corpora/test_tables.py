"""The user's files become a corpus: their splits, or ours; classes that each split needs; what is said of it."""

import numpy as np
import pytest

from sentiment.corpora import CorpusOptions, load_corpus
from sentiment.corpora.tables import load_examples
from sentiment.errors import InputError


def _rows(start: int, n: int, labels=("bad", "good")) -> list[str]:
    return [f"text number {row},{labels[row % len(labels)]}" for row in range(start, start + n)]


@pytest.fixture
def file(tmp_path):
    def write(name: str, rows: list[str], header: str = "text,label") -> str:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n")
        return str(path)

    return write


def _sizes(corpus) -> dict[str, int]:
    return {name: len(rows) for name, rows in corpus.splits.items()}


def test_files_beside_the_corpus_are_its_splits(file):
    train, validation, test = (file(f"{n}.csv", _rows(n, size)) for n, size in ((0, 40), (100, 10), (200, 6)))
    corpus = load_corpus(train, options=CorpusOptions(validation=validation, test=test))
    assert _sizes(corpus) == {"train": 40, "validation": 10, "test": 6}
    assert corpus.split("test")[0] == [f"text number {row}" for row in range(200, 206)]
    assert corpus.name == "0.csv"
    assert len(corpus.provenance.sha256.split()) == 3
    only_test = load_corpus(train, options=CorpusOptions(test=test))
    assert _sizes(only_test) == {"train": 36, "validation": 4, "test": 6}


def test_a_column_of_splits_is_the_split(file):
    rows = [f"{row},{split}" for row, split in zip(_rows(0, 30), ["train"] * 20 + ["dev", "test"] * 5, strict=True)]
    path = file("my.csv", rows, "text,label,split")
    corpus = load_corpus(path, options=CorpusOptions(split_column="split"))
    assert sum(_sizes(corpus).values()) == 30


def test_shares_cut_the_splits_and_may_leave_test_out(file):
    path = file("my.csv", _rows(0, 200))
    assert _sizes(load_corpus(path, options=CorpusOptions(shares="90/5/5"))) == {
        "train": 180,
        "validation": 10,
        "test": 10,
    }
    assert _sizes(load_corpus(path, options=CorpusOptions(shares="90/10"))) == {"train": 180, "validation": 20}
    assert _sizes(load_corpus(path)) == {"train": 160, "validation": 20, "test": 20}


def test_a_class_too_rare_for_the_splits_is_refused_with_a_flag_that_works(file):
    path = file("my.csv", [*_rows(0, 30), "rare,joy"])
    with pytest.raises(InputError, match=r"label 'joy' has 1 row\(s\), .*--min-per-class 3"):
        load_corpus(path)
    assert load_corpus(path, options=CorpusOptions(min_per_class=3)).label_names == ("bad", "good")


def test_given_splits_may_lack_a_class_which_is_said(file):
    train, test = file("train.csv", _rows(0, 40)), file("test.csv", _rows(101, 1))
    corpus = load_corpus(train, options=CorpusOptions(test=test))
    assert "test has no text of 'bad'" in corpus.notes


def test_one_class_trains_nothing_but_can_be_evaluated_on(file):
    path = file("my.csv", _rows(0, 6, ("good",)))
    with pytest.raises(InputError, match=r"all 5 training rows are labelled 'good': add rows of another class"):
        load_corpus(path, options=CorpusOptions(min_per_class=1, test=file("t.csv", _rows(9, 1, ("good",)))))
    with pytest.raises(InputError, match="all 6 rows are labelled 'good'"):
        load_corpus(path)
    assert load_examples(path, None, None, CorpusOptions()).label_names == ("good",)


def test_examples_have_no_splits_but_those_of_the_file(file):
    assert load_examples(file("my.csv", _rows(0, 12)), None, None, CorpusOptions()).splits == {}


def test_a_file_without_labels_is_sent_to_predict(file):
    path = file("my.csv", ["1,hello", "2,you"], "id,text")
    with pytest.raises(InputError, match=r"no labels; its columns are id, text: .*--label.*predict --input"):
        load_corpus(path)


def test_unlabelled_test_rows_are_left_aside_and_said(file):
    train, test = file("train.csv", _rows(0, 40)), file("test.csv", ["hello", "you"], "text")
    corpus = load_corpus(train, options=CorpusOptions(test=test))
    assert _sizes(corpus) == {"train": 32, "validation": 4, "test": 4}
    assert any("2 rows of test have no label: not used; `sentiment predict --input`" in note for note in corpus.notes)


def test_a_file_of_test_rows_alone_does_not_train(file):
    path = file("my.csv", [f"{row},test" for row in _rows(0, 10)], "text,label,split")
    with pytest.raises(InputError, match="its rows are all of test: name a file that trains"):
        load_corpus(path, options=CorpusOptions(split_column="split"))


def test_a_split_given_twice_is_refused(file):
    path = file("my.csv", [f"{row},{'test' if place > 20 else 'train'}" for place, row in enumerate(_rows(0, 30))],
                "text,label,split")  # fmt: skip
    with pytest.raises(InputError, match="has test rows of its own: leave --test out"):
        load_corpus(path, options=CorpusOptions(split_column="split", test=file("t.csv", _rows(50, 4))))


def test_a_named_corpus_takes_no_flags_of_files():
    with pytest.raises(InputError, match="emoji: its columns, splits and labels are known"):
        load_corpus("emoji", options=CorpusOptions(shares="90/10"))


def test_near_duplicates_stay_on_one_side_of_a_cut_validation_split(file):
    rows = [f"{'Same' if row % 2 else 'same'} text {'abcdefghij'[row // 2 % 10]},{'ab'[row % 2]}" for row in range(40)]
    corpus = load_corpus(file("my.csv", rows), options=CorpusOptions(test=file("t.csv", _rows(0, 4, ("a", "b")))))
    texts = [{text.casefold() for text in corpus.split(name)[0]} for name in ("train", "validation")]
    assert not texts[0] & texts[1]
    assert np.concatenate(list(corpus.splits.values())).size == len(corpus.texts)
