"""Texts with several labels: found by a list or a separator, said in a line, and turned off by a flag."""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora import CorpusOptions, load_corpus
from sentiment.corpora.kept_corpus import keep_corpus, read_kept_corpus
from sentiment.corpora.labels import make_sets
from sentiment.corpora.near_duplicates import normalise
from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.corpora.readers.values import several_labels
from sentiment.corpora.splits import split_rows
from sentiment.errors import InputError

SETS = [("joy",), ("fear", "joy"), ("anger",), ("anger", "fear"), ("fear",)] * 8
TEXTS = [f"text number {number} of {'many' * (number % 3)}" for number in range(len(SETS))]


def _written(folder, between: str):
    lines = [f'{text}\t"{between.join(labels)}"\n' for text, labels in zip(TEXTS, SETS, strict=True)]
    path = folder / "several.tsv"
    path.write_text("text\tlabel\n" + "".join(lines), "utf-8")
    return str(path)


def _sets(corpus):
    return [tuple(np.array(corpus.label_names)[row].tolist()) for row in corpus.labels]


@pytest.mark.parametrize("between", [",", ";", "|", " ", ", "])
def test_labels_in_one_cell_are_parted_at_what_stands_between_them(between, tmp_path):
    corpus = load_corpus(_written(tmp_path, between))
    assert corpus.several
    assert corpus.labels.dtype == bool
    assert corpus.label_names == ("anger", "fear", "joy")
    assert _sets(corpus) == SETS
    assert corpus.labels_between == (between.strip() or " ")
    (note,) = [note for note in corpus.notes if "several" in note and ".tsv" not in note]
    assert note.startswith("16 of 40 texts have several labels")
    assert "--labels-between none" in note


def test_the_flag_makes_each_combination_one_label(tmp_path):
    corpus = load_corpus(_written(tmp_path, ","), options=CorpusOptions(labels_between="none"))
    assert not corpus.several
    assert corpus.label_names == ("anger", "anger,fear", "fear", "fear,joy", "joy")
    assert not any("several labels" in note for note in corpus.notes)


def test_the_flag_parts_what_nobody_could_tell(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "".join(f"{text},{'+'.join(s)}\n" for text, s in zip(TEXTS, SETS, strict=True)))
    assert not load_corpus(str(path)).several
    assert _sets(load_corpus(str(path), options=CorpusOptions(labels_between="+"))) == SETS


@pytest.mark.parametrize(
    "labels",
    [
        ["very good", "good", "bad", "very bad"],  # "very" stands nowhere alone
        ["New York, NY", "Austin, TX"] * 3,
        ["a b", "c d", "e f"],
    ],
)
def test_a_class_of_several_words_is_one_class(labels):
    assert several_labels(labels) == ""


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_lists_are_sets_and_an_empty_one_is_none_of_the_labels(kind, tmp_path):
    sets = [list(each) for each in SETS]
    sets[0] = []
    path = tmp_path / f"lists.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"text": TEXTS, "label": sets}), path)
    else:
        rows = [json.dumps({"text": text, "label": each}) for text, each in zip(TEXTS, sets, strict=True)]
        path.write_text("\n".join(rows), "utf-8")
    corpus = load_corpus(str(path))
    assert _sets(corpus) == [(), *SETS[1:]]
    assert corpus.bad_rows == ()
    alone = load_corpus(str(path), options=CorpusOptions(labels_between="none", bad_rows="skip"))
    assert alone.label_names == ("anger", "anger, fear", "fear", "fear, joy", "joy")


def test_lists_of_one_label_are_one_label_and_an_empty_one_is_missing(tmp_path):
    path = tmp_path / "ones.jsonl"
    rows = [{"text": text, "label": ["x" if number % 2 else "y"]} for number, text in enumerate(TEXTS)]
    rows[0]["label"] = []
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    corpus = load_corpus(str(path), options=CorpusOptions(bad_rows="skip"))
    assert not corpus.several
    assert len(corpus.texts) == 39
    assert [bad.reason for bad in corpus.bad_rows] == ["missing label"]


def test_labels_are_mapped_and_left_out_one_by_one(tmp_path):
    options = CorpusOptions(label_map={"joy": "happy", "anger": ""})
    corpus = load_corpus(_written(tmp_path, ","), options=options)
    assert corpus.label_names == ("fear", "happy")
    expected = [tuple("happy" if name == "joy" else name for name in each if name != "anger") for each in SETS]
    assert _sets(corpus) == [each for each in expected if each]
    assert "8 rows had no other label than those: left out" in corpus.notes


def test_a_column_of_numbers_takes_names_from_a_file_beside_it(tmp_path):
    (tmp_path / "train_text.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    (tmp_path / "train_labels.txt").write_text("".join(f"{n % 3},{n % 3 + 1}\n" for n in range(len(TEXTS))))
    (tmp_path / "mapping.txt").write_text("0\tjoy\n1\tfear\n2\tanger\n3\tlove\n")
    table = read_table(str(tmp_path), ReadOptions())
    assert table.labels[:2] == [["joy", "fear"], ["fear", "anger"]]


def test_texts_of_one_label_alone_are_refused(tmp_path):
    path = tmp_path / "same.jsonl"
    path.write_text("\n".join(json.dumps({"text": text, "label": ["x"]}) for text in TEXTS), "utf-8")
    with pytest.raises(InputError, match="are labelled 'x': add rows of another class"):
        load_corpus(str(path), options=CorpusOptions(labels_between=","))


def test_equal_texts_with_other_sets_are_listed(tmp_path):
    path = tmp_path / "twice.tsv"
    rows = [*zip(TEXTS, SETS, strict=True), (TEXTS[0], ("anger", "joy"))]
    path.write_text("text\tlabel\n" + "".join(f"{text}\t{','.join(s)}\n" for text, s in rows))
    corpus = load_corpus(str(path))
    assert [bad.error for bad in corpus.bad_rows] == ["labelled joy; used", "labelled anger,joy; used"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["tea", "tea!", "rain", "sun", "a", "b", "c"]), st.sets(st.integers(0, 4))),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 5),
)
def test_no_text_crosses_splits_and_every_row_is_in_one(rows, seed):
    texts = [text for text, _ in rows]
    labels = np.zeros((len(rows), 5), bool)
    for row, (_, members) in enumerate(rows):
        labels[row, list(members)] = True
    splits = split_rows(texts, labels, seed)
    assert sorted(np.concatenate(list(splits.values())).tolist()) == list(range(len(rows)))
    forms = [{normalise(texts[row]) for row in split} for split in splits.values()]
    assert not any(forms[one] & forms[other] for one in range(3) for other in range(one))


def test_the_rarest_label_of_a_text_decides_its_split():
    labels = np.zeros((100, 3), bool)
    labels[:, 0] = labels[:30, 1] = labels[:10, 2] = True
    splits = split_rows([f"text {number}" for number in range(100)], labels, 0)
    assert [labels[rows].sum(axis=0).tolist() for rows in splits.values()] == [[80, 24, 8], [10, 3, 1], [10, 3, 1]]


def test_classes_of_sets_are_as_those_of_single_labels():
    sets, used = make_sets("own", [["b", "a"], [], ["A"]], None, CorpusOptions())
    assert sets.names == ("a", "b")
    assert sets.of_row.tolist() == [[True, True], [False, False], [True, False]]
    assert used.all()


def test_a_corpus_of_sets_has_a_fingerprint_of_its_labels(tmp_path):
    corpus = load_corpus(_written(tmp_path, ","))
    again = load_corpus(_written(tmp_path, ";"))
    assert corpus.fingerprint() == again.fingerprint()
    assert corpus.counts().tolist() == [16, 24, 16]
    assert corpus.label_of(1) == "fear,joy"


@pytest.mark.parametrize("between", [",", "|"])
def test_a_kept_corpus_comes_back_with_its_sets(between, tmp_path):
    corpus = load_corpus(_written(tmp_path, between))
    keep_corpus(corpus, tmp_path / "kept.parquet")
    again = read_kept_corpus(tmp_path / "kept.parquet")
    assert again.fingerprint() == corpus.fingerprint()
    assert again.labels_between == between
    others = load_corpus(str(tmp_path / "kept.parquet"))  # as any Parquet file
    assert _sets(others) == SETS


def test_the_command_counts_and_saves_sets(script, tmp_path):
    source = _written(tmp_path, ";")
    answer = script("corpus", source, "--json")
    assert json.loads(answer.out)["labels"] == {"anger": 16, "fear": 24, "joy": 16}
    shown = script("corpus", source).out
    assert re.search(r"train: 3\d rows: \d+ anger, \d+ fear, \d+ joy", shown)
    assert "leak audit: " in shown
    script("corpus", source, "--save", tmp_path / "copy.csv")
    copied = load_corpus(str(tmp_path / "copy.csv"))
    assert _sets(copied) == SETS
