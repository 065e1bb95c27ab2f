"""Cross-validation: every text validates once, near-duplicates stay together, and each fold is what `train` makes."""

import csv
import json

import numpy as np
import pytest
from any_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st
from paths import FIXTURES

from sentiment import InputError, evaluate, load_corpus, train
from sentiment.corpora import Corpus, Provenance
from sentiment.corpora.near_duplicates import normalise
from sentiment.errors import Interrupted
from sentiment.search.folds import CrossValidation, cross_validate, make_folds, mean_interval
from sentiment.search.score import Score
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.trained_model import TrainedModel

pytestmark = pytest.mark.usefixtures("compiled_once")

MOODS = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
SMALL = [
    *MOODS,
    "mean_classifier.d_embedding = 8",
    "Recipe.steps = 10",
    "Recipe.eval_every = 10",
    "Recipe.buckets = (32,)",
]


def _corpus(texts, labels, test=()) -> Corpus:
    others = [row for row in range(len(texts)) if row not in test]
    splits = {"train": np.array(others[1:]), "validation": np.array(others[:1]), "test": np.array(test, np.int64)}
    return Corpus("made", tuple(texts), np.array(labels), ("a", "b"), splits, Provenance("", "", "", ""))


@given(st.lists(ANY_TEXT, min_size=4, max_size=40), st.integers(2, 4), st.integers(0, 3))
def test_every_text_validates_once_and_none_is_nearly_one_that_was_trained_on(texts, k, seed):
    fixed = [f"{name} {n}" for name in ("yes", "no") for n in range(k)]  # each class has enough
    labels = [0] * k + [1] * k + [len(text) % 2 for text in texts]
    test = (2 * k, 2 * k + 1)
    folds = make_folds(_corpus([*fixed, *texts], labels, test), k, seed)
    assert len(folds) == k
    validated = np.sort(np.concatenate([fold.splits["validation"] for fold in folds]))
    assert validated.tolist() == [row for row in range(len(labels)) if row not in test]
    for fold in folds:
        assert fold.splits["test"].tolist() == list(test)
        both = np.concatenate([fold.splits["train"], fold.splits["validation"]])
        assert np.sort(both).tolist() == validated.tolist()
        forms = {name: {normalise(text) for text in fold.split(name)[0]} for name in ("train", "validation")}
        assert not forms["train"] & forms["validation"]
        assert set(fold.split("validation")[1].tolist()) == {0, 1}


def test_too_few_texts_of_a_class_are_one_line():
    corpus = _corpus(["a 1", "A 1!", "b 1", "b 2", "b 3"], [0, 0, 1, 1, 1])
    with pytest.raises(InputError, match=r"class 'a' has fewer texts that differ than the 2 folds: take fewer"):
        make_folds(corpus, 2)
    with pytest.raises(InputError, match="give 2 or more"):
        make_folds(corpus, 1)


def test_the_interval_is_nadeau_and_bengios():
    mean, low, high = mean_interval([0.8, 0.7, 0.9, 0.8, 0.8])
    assert mean == pytest.approx(0.8)
    assert high - mean == pytest.approx(mean - low)
    assert high - mean == pytest.approx(2.7764451 * np.sqrt((1 / 5 + 1 / 4) * 0.005), rel=1e-6)


def test_an_interval_of_shares_ends_where_shares_do(tmp_path):
    line = CrossValidation(tmp_path, (Score(1.0, 0.1, 0.2), Score(0.6, 0.9, 3.0))).line()
    assert line.startswith(
        "accuracy 0.8000 (0.0000 to 1.0000)   macro-F1 0.5000 (0.0000 to 1.0000)   cross-entropy 1.6000 (0.0000 to "
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> CrossValidation:
    return cross_validate("mean", SMALL, 3, tmp_path_factory.mktemp("runs") / "folds")


def test_folds_are_what_train_makes_of_the_same_splits(done, tmp_path):
    corpus = load_corpus(FIXTURES / "moods.csv", label="mood")
    for number, (fold, score) in enumerate(zip(make_folds(corpus, 3), done.scores, strict=True), start=1):
        run = RunDirectory(done.folder / f"fold-{number}")
        by_hand = train("mean", SMALL, tmp_path / str(number), corpus=fold)
        assert by_hand.weights.read_bytes() == run.weights.read_bytes()
        measured = by_hand.measured()
        deployed = evaluate(TrainedModel.load(by_hand.path).deployed(), fold, "validation")
        assert score == Score(measured["validation_accuracy"], deployed.macro_f1, measured["validation_cross_entropy"])


def test_a_fold_can_be_trained_from_the_file_that_it_keeps(done, tmp_path):
    run = RunDirectory(done.folder / "fold-2")
    source = [f"load_corpus.source = '{run.kept_corpus}'", "load_corpus.label_column = None"]
    assert train("mean", [*SMALL, *source], tmp_path / "run").weights.read_bytes() == run.weights.read_bytes()


def test_the_figures_are_kept(done):
    header, *rows = csv.reader((done.folder / "folds.csv").read_text().splitlines())
    assert header == ["fold", "accuracy", "macro_f1", "cross_entropy"]
    assert [[float(cell) for cell in row[1:]] for row in rows] == [
        [score.accuracy, score.macro_f1, score.cross_entropy] for score in done.scores
    ]


def test_texts_with_several_labels_are_folded_too(tmp_path):
    texts = [
        "wet cold,rain cold",
        "rain,rain",
        "sun,sun",
        "hot sun,sun hot",
        "warm wind,hot wind",
        "storm,rain wind",
    ] * 6
    rows = [line.partition(",") for line in texts]
    (tmp_path / "several.jsonl").write_text(
        "".join(json.dumps({"text": f"{a} {n}", "label": b.split()}) + "\n" for n, (a, _, b) in enumerate(rows))
    )
    settings = [*SMALL, f"load_corpus.source = '{tmp_path / 'several.jsonl'}'", "load_corpus.label_column = None"]
    done = cross_validate("mean", settings, 2, tmp_path / "folds")
    assert RunDirectory(done.folder / "fold-1").facts(None)["task"] == "multilabel"
    assert all(0 <= score.macro_f1 <= 1 for score in done.scores)


def test_finished_folds_are_not_trained_again(done, monkeypatch):
    monkeypatch.setattr("sentiment.search.folds.train", None)
    assert cross_validate("mean", SMALL, 3, done.folder).scores == done.scores


def test_a_folder_of_something_else_is_one_line(done, tmp_path):
    with pytest.raises(InputError, match="other settings or data; name another folder"):
        cross_validate("mean", SMALL, 2, done.folder)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty and no search; name another folder"):
        cross_validate("mean", SMALL, 3, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_interruption_says_how_to_go_on(monkeypatch, tmp_path):
    def stopped(*_):
        raise Interrupted("stopped", 2)

    monkeypatch.setattr("sentiment.search.folds.train", stopped)
    with pytest.raises(Interrupted, match="stopped in fold 1 of 3; the same command goes on"):
        cross_validate("mean", SMALL, 3, tmp_path / "folds")


def test_the_command_prints_means_with_intervals_and_takes_up_its_numbered_folder(script, moods, elsewhere, done):
    flags = [*moods, "--folds", 3, "--steps", 10, "--set", "mean_classifier.d_embedding = 8"]
    answer = script("train", *flags)
    assert answer.code == 0
    assert "runs        runs/0001-folds-mean-moods" in answer.out
    assert [line[:6] for line in answer.out.splitlines()[-4:]] == ["fold 1", "fold 2", "fold 3", "3 fold"]
    assert script("train", *flags).out == answer.out
    assert len(list((elsewhere / "runs").glob("0*"))) == 1


def test_several_processes_do_not_cross_validate(script, moods):
    answer = script("train", *moods, "--folds", 2, "--processes", 2, "--coordinator", "localhost:1")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "--folds: leave --coordinator out" in answer.err
