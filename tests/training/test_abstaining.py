"""A run of sentiments that is asked to tells texts with nothing to judge, and loses few opinions by it."""

import json

import numpy as np
import pytest
from paths import ROOT
from sklearn.linear_model import LogisticRegression

from sentiment import Predictor, train
from sentiment.corpora.constructions import constructions
from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.evaluation.abstention import abstention
from sentiment.evaluation.evaluate_run import Question
from sentiment.report.write import write_report
from sentiment.training.abstaining import _LOST, logistic_regression

SETTINGS = ["cnn_classifier.d_embedding = 8", "Recipe.steps = 150", "Recipe.eval_every = 150"]
SMALL = [
    each for each in constructions("train") if each.label != "nothing" and each.kind in ("plain", "clause", "idiom")
]


def trained(folder, *bindings: str, names=("negative", "positive")) -> Predictor:
    """Returns a model of some of the opinions, a quarter of which validate."""
    rows = np.arange(len(SMALL))
    corpus = Corpus(
        name="opinions",
        texts=tuple(each.text for each in SMALL),
        labels=np.array([each.label == "positive" for each in SMALL]),
        label_names=names,
        splits={"train": rows[rows % 4 > 0], "validation": rows[rows % 4 == 0]},
        provenance=Provenance("written here", "1", "0" * 64, "ours"),
    )
    return Predictor.load(train(ROOT / "configs" / "cnn.gin", [*SETTINGS, *bindings], folder, corpus=corpus).path)


@pytest.fixture(scope="module")
def predictor(tmp_path_factory):
    """A model that learned to abstain."""
    return trained(tmp_path_factory.mktemp("abstaining") / "run", "Recipe.out_of_domain = True")


def test_it_loses_few_of_the_validation_texts_and_abstains_from_most_without_an_opinion(predictor):
    own = predictor.outcomes([each.text for each in SMALL[::4]])
    assert (own.out_of_domain > 0.5).mean() <= _LOST + 1 / len(SMALL[::4])
    nothing = [each.text for each in constructions("held_out") if each.label == "nothing"]
    assert predictor.outcomes(nothing).abstained.mean() > 0.6


def test_a_prediction_has_the_score_and_says_why_it_abstains(predictor):
    texts = [each.text for each in constructions("held_out")]
    together = predictor(texts)
    for text, answer in list(zip(texts, together, strict=True))[::40]:
        assert predictor([text])[0].out_of_domain == pytest.approx(answer.out_of_domain, abs=1e-5)
    unjudged = [each for each in together if each.reason == "there seems to be nothing in it to judge"]
    assert unjudged
    assert all(each.abstained and each.out_of_domain > 0.5 and not each.mostly_unknown for each in unjudged)


def test_its_report_says_how_often_it_abstains(predictor):
    _, card = write_report(predictor.path, Question())
    found = abstention(predictor, [each.text for each in SMALL[::4]])
    asked, nothing, count = f"{found['asked']:.1%}", f"{found['nothing']:.1%}", found["n_nothing"]
    reason = "for having nothing in them to judge"
    assert f"from {asked} of the texts {reason}, and from {nothing} of {count} sentences" in card.read_text("utf-8")
    assert found["n_nothing"] == sum(each.label == "nothing" for each in constructions("held_out"))


def test_the_regression_is_that_of_scikit_learn():
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(400, 5))
    inputs[:, 1] += 9 * inputs[:, 0]
    targets = (inputs[:, 0] + inputs[:, 3] + draw.normal(size=400) > 1.5).astype(int)
    weights = draw.uniform(0.1, 2, 400)
    theirs = LogisticRegression(tol=1e-10, max_iter=10_000).fit(inputs, targets, sample_weight=weights).coef_[0]
    np.testing.assert_allclose(logistic_regression(inputs, targets, weights), theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("bindings", "names"),
    [((), ("negative", "positive")), (("Recipe.out_of_domain = True",), ("spam", "ham"))],
    ids=["not asked for", "labels that are no sentiments"],
)
def test_other_runs_have_no_score(tmp_path, bindings, names):
    predictor = trained(tmp_path / "run", *bindings, names=names)
    assert "out_of_domain" not in json.loads((predictor.path / "calibration.json").read_text())
    (answer,) = predictor(["the meeting is in the red room"])
    assert answer.out_of_domain is None
    assert predictor.outcomes([]).out_of_domain is None
