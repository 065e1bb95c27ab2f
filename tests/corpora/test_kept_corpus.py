"""A corpus that a program gave is kept with its run, which is evaluated on it and repeated with it."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import FIXTURES

from sentiment import InputError, TextClassifier, load_corpus, train
from sentiment.corpora import Corpus, Provenance
from sentiment.corpora.corpus import Teaching
from sentiment.corpora.kept_corpus import keep_corpus, read_kept_corpus
from sentiment.storage.run_directory import RunDirectory

SMALL = ["mean_classifier.d_embedding = 8", "Recipe.steps = 10", "Recipe.eval_every = 10"]


@given(st.lists(st.tuples(st.text(), st.integers(0, 2), st.sampled_from(["train", "validation", "test", None]))))
def test_any_corpus_comes_back_as_it_was(tmp_path_factory, rows):
    splits = {name: [row for row, each in enumerate(rows) if each[2] == name] for name in ("train", "test")}
    corpus = Corpus(
        "any",
        tuple(text for text, _, _ in rows),
        np.array([label for _, label, _ in rows], np.int32),
        ("z", "a", "é"),
        {name: np.array(found, np.int64) for name, found in splits.items() if found},
        Provenance("here", "1", "0" * 64, "none", "a note"),
    )
    path = tmp_path_factory.mktemp("kept") / "corpus.parquet"
    keep_corpus(corpus, path)
    again = read_kept_corpus(path)
    assert again.fingerprint() == corpus.fingerprint()
    assert (again.name, again.provenance) == (corpus.name, corpus.provenance)


def test_what_teachers_answered_is_kept_with_the_texts(tmp_path):
    answers = np.random.default_rng(0).dirichlet(np.ones(3), 2).astype(np.float32)
    there, rows = Provenance("here", "1", "0", "none"), {"train": np.array([0]), "validation": np.array([1])}
    corpus = Corpus(
        "any", ("one", "two"), np.array([2, 0]), ("a", "b", "c"), rows, there, teaching=Teaching(answers, {"by": "x"})
    )
    keep_corpus(corpus, tmp_path / "corpus.parquet")
    again = read_kept_corpus(tmp_path / "corpus.parquet")
    np.testing.assert_array_equal(again.teaching.answers, answers)
    assert again.teaching.facts == {"by": "x"}
    assert again.fingerprint() == corpus.fingerprint()
    assert again.fingerprint() != replace(corpus, teaching=None).fingerprint()
    with pytest.raises(ValueError, match="answers of shape"):
        replace(corpus, teaching=Teaching(answers[:1], {}))


def test_half_a_surrogate_pair_comes_back_too(tmp_path):
    texts = ("a \ud800", "b", "c")
    corpus = Corpus("any", texts, np.array([0, 1, 1]), ("x", "y"), {}, Provenance("", "", "", ""))
    keep_corpus(corpus, tmp_path / "corpus.parquet")
    assert read_kept_corpus(tmp_path / "corpus.parquet").texts == texts


def test_another_file_is_one_line(tmp_path):
    pd.DataFrame({"text": ["a"]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(InputError, match="no corpus that a training kept"):
        read_kept_corpus(tmp_path / "other.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="no readable Parquet"):
        read_kept_corpus(tmp_path / "broken.parquet")


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> RunDirectory:
    corpus = load_corpus(pd.read_csv(FIXTURES / "moods.csv"), label="mood")
    return train("mean", SMALL, tmp_path_factory.mktemp("runs") / "given", corpus=corpus)


def test_a_run_is_evaluated_on_what_it_was_trained_on(run, script):
    for split in ("validation", "test"):
        code, out, _ = script("evaluate", "--run", run.path, "--split", split)
        assert code == 0
        assert f"corpus         in_memory, {split}: " in out
        assert "TF-IDF + logistic regression" in out


def test_an_estimators_run_is_evaluated_on_its_validation_texts(script, tmp_path):
    texts = [f"{word} {n}" for word in ("good day", "bad rain", "fine sun") for n in range(20)]
    TextClassifier("mean", bindings=SMALL, directory=tmp_path / "run").fit(texts, [2, 0, 1] * 20)
    code, out, _ = script("evaluate", "--run", tmp_path / "run")
    assert code == 0
    assert "in_memory, validation: 6 texts" in out


def test_its_config_alone_repeats_the_run(run, tmp_path):
    again = train(run.config, [], tmp_path / "again")
    assert again.weights.read_bytes() == run.weights.read_bytes()
    assert again.model.read_bytes() == run.model.read_bytes()
    assert again.kept_corpus.exists()


def test_where_the_corpus_is_gone_one_line_names_a_remedy_that_works(run, script, tmp_path):
    shutil.copytree(run.path, tmp_path / "run")
    saved = tmp_path / "corpus.parquet"
    (tmp_path / "run" / "training" / "corpus.parquet").rename(saved)
    code, out, err = script("evaluate", "--run", tmp_path / "run")
    assert (code, err.count("\n")) == (2, 1)
    assert "corpus.parquet, which had it, is gone: name one with --corpus" in err
    code, out, _ = script("evaluate", "--run", tmp_path / "run", "--corpus", saved)
    assert code == 0
    assert "whether it was trained on some of these texts can't be told" in out


def test_a_corpus_that_was_altered_is_refused(run, script, tmp_path):
    shutil.copytree(run.path, tmp_path / "run")
    kept = RunDirectory(tmp_path / "run").kept_corpus
    corpus = read_kept_corpus(kept)
    altered = Corpus(
        corpus.name, ("x", *corpus.texts[1:]), corpus.labels, corpus.label_names, corpus.splits, corpus.provenance
    )
    keep_corpus(altered, kept)
    code, _, err = script("evaluate", "--run", tmp_path / "run")
    assert (code, err.count("\n")) == (2, 1)
    assert "differs from the data" in err


def test_a_run_of_a_named_corpus_keeps_no_copy(small_run):
    assert not RunDirectory(small_run).kept_corpus.exists()
    assert json.loads(RunDirectory(small_run).model.read_text())["corpus"]["name"] == "moods.csv"
