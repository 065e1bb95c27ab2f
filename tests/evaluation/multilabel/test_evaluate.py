"""A run that gives several labels is evaluated, compared and saved; its figures can be computed again."""

import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from sentiment.corpora import load_corpus
from sentiment.errors import InputError
from sentiment.evaluation.evaluate_run import Question, score_run
from sentiment.evaluation.multilabel.baselines import FREQUENT, ONE_VS_REST, TUNED, OneVsRest
from sentiment.evaluation.multilabel.sample import take_label_sets
from sentiment.evaluation.saved_evaluation import load, save
from sentiment.evaluation.scoreboard import figures
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.trained_model import TrainedModel


@pytest.fixture(scope="module")
def scored(multilabel_run):
    """The model, its scoreboard on the test split, and the figures."""
    model = TrainedModel.load(multilabel_run)
    board = score_run(model, Question(split="test"))
    return model, board, figures(board)


def test_the_figures_are_those_of_the_predictions(scored, multilabel_run):
    _, board, found = scored
    texts = [line.split("\t")[0] for line in (multilabel_run.parent / "emotions" / "test.tsv").read_text().splitlines()]
    predictor = Predictor.load(multilabel_run)
    given = np.array([[name in each.labels for name in predictor.label_names] for each in predictor(texts)])
    np.testing.assert_array_equal(board.evaluation.given, given)
    present = board.evaluation.targets.any(axis=0)
    each = f1_score(board.evaluation.targets, given, average=None, zero_division=0)
    assert found["metrics"]["macro_f1"]["value"] == pytest.approx(each[present].mean())
    low, high = found["metrics"]["macro_f1"]["interval"]
    assert low < found["metrics"]["macro_f1"]["value"] < high
    assert list(found["systems"]) == ["this model", FREQUENT, ONE_VS_REST, TUNED]


def test_saved_predictions_give_the_same_figures(scored, tmp_path):
    _, board, found = scored
    files = RunDirectory(tmp_path).evaluation("emotions", "test")
    save(board, found, files)
    again, read = load(files)
    assert read == json.loads(json.dumps(found))
    assert json.loads(json.dumps(figures(again))) == read


def test_probabilities_are_calibrated_where_they_were_not_fitted(scored):
    calibration = scored[2]["calibration"]
    assert not calibration["fitted_here"]
    assert calibration["ece_held_out"] < 0.02


def test_evaluation_on_the_validation_split_says_what_thresholds_saw(multilabel_run, script):
    answer = script("evaluate", "--run", multilabel_run)
    assert answer.code == 0, answer.err
    assert "thresholds were chosen on these texts, which flatters: --split test has others" in answer.out
    assert "with those of the other four folds" in answer.out


def test_another_file_is_scored_by_the_labels_that_it_shares(multilabel_run, script, tmp_path):
    path = tmp_path / "few.tsv"
    path.write_text("text\tlabel\nthe bus is so funny\t5\ni feel furious about work\t10,5\nwork made me sad\tother\n")
    answer = script("evaluate", "--run", multilabel_run, "--corpus", path)
    assert answer.code == 0, answer.err
    assert "few.tsv, all: 3 texts" in answer.out
    assert "label other counted as errors" in answer.out


def test_two_runs_are_compared(multilabel_run, small_run, script):
    answer = script("evaluate", multilabel_run, multilabel_run, "--split", "test")
    assert "macro-F1       first minus second +0.0000 (+0.0000 to +0.0000)" in answer.out


def test_a_model_of_one_label_refuses_texts_with_several(multilabel_run, small_run):
    emotions = load_corpus(str(multilabel_run.parent / "emotions"), "1", "2")
    with pytest.raises(InputError, match="texts have several labels, and the model gives one: --labels-between none"):
        Question(corpus=emotions).sample(TrainedModel.load(small_run))


def test_labels_are_left_out_one_by_one_and_a_text_with_no_other_goes(multilabel_run):
    emotions = load_corpus(str(multilabel_run.parent / "emotions"), "1", "2")
    whole = take_label_sets(emotions, "test", emotions.label_names)
    part = take_label_sets(emotions, "test", emotions.label_names, {"0": ""})
    alone = emotions.labels[emotions.splits["test"]].sum(axis=1) == 1
    only_neutral = alone & emotions.has(0)[emotions.splits["test"]]
    assert len(whole.rows) - len(part.rows) == only_neutral.sum()
    assert f"{only_neutral.sum():,} of 300 texts left out" in part.notes
    assert not part.targets[:, 0].any()


def test_one_regression_a_label_is_scikit_learns():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    from sentiment.evaluation.baselines import WORDS

    random = np.random.default_rng(0)
    words = np.array(["tea", "rain", "sun", "snow"])
    labels = random.random((200, 4)) < 0.4
    texts = [" ".join(words[row]) or "nothing" for row in labels]
    ours = OneVsRest(("a", "b", "c", "d"), texts, labels)
    features = TfidfVectorizer(tokenizer=WORDS, token_pattern=None, lowercase=False)
    theirs = make_pipeline(features, OneVsRestClassifier(LogisticRegression(C=ours.strength, max_iter=1000)))
    theirs.fit(texts, labels)
    np.testing.assert_allclose(ours.probabilities(texts[:20]), theirs.predict_proba(texts[:20]), atol=1e-6)
    labels[:, 3] = False
    assert (OneVsRest(("a", "b", "c", "d"), texts, labels).probabilities(["snow"])[:, 3] == 0).all()
