"""A model's evaluation beside the simple ways, all on the same examples; and all of its figures by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment.evaluation.baselines import fit_baselines
from sentiment.evaluation.calibration_figures import calibration_figures
from sentiment.evaluation.comparison import compare
from sentiment.evaluation.intervals import CLASS_METRICS, class_statistic, intervals
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.multilabel.scoreboard import figures as multilabel_figures
from sentiment.evaluation.result import Evaluation
from sentiment.evaluation.scoring import Sample
from sentiment.evaluation.shared_figures import class_figures, metric, reliability_figures, resampled_metrics
from sentiment.evaluation.slices import by_length, by_threshold, by_unknown, token_counts
from sentiment.evaluation.words import MODEL
from sentiment.prediction.calibration import Calibration
from sentiment.text.emoticons import strip_emoticons

if TYPE_CHECKING:
    from sentiment.training.trained_model import TrainedModel

_MOST_CONFUSED = 1000  # classes; of more the table of a class a row and column is left out


@dataclass(frozen=True, eq=False)
class Scoreboard:
    """What a model and the baselines said of each example.

    Attributes:
        evaluation: the model's.
        others: of each baseline, by name, its predicted classes, <int64>[n].
        stripped: of `MODEL` and each baseline, its predicted classes when the emoticons are taken out of the texts.
        n_tokens: <int64>[n] how many tokens each text has.
        n_unknown: <int64>[n] how many of them the model has never seen.
        calibration: the model's.
        fitted_here: whether it was fitted to these very examples.
    """

    evaluation: Evaluation
    others: Mapping[str, np.ndarray]
    stripped: Mapping[str, np.ndarray]
    n_tokens: np.ndarray
    n_unknown: np.ndarray
    calibration: Calibration
    fitted_here: bool


def fill_scoreboard(
    model: "TrainedModel", sample: Sample, training: tuple[list[str], np.ndarray] | None, fitted_here: bool
) -> Scoreboard:
    """Evaluates a model and the baselines.

    Args:
        model: the model.
        sample: the examples.
        training: the model's training texts and their classes <int>[n], from which the baselines learn; None: without.
        fitted_here: whether the model's calibration was fitted to these very examples.
    """
    assert isinstance(model.calibration, Calibration), "the model gives one label"
    any_language = model.preprocessor.unspaced == "letters"
    baselines = fit_baselines(model.label_names, *training, any_language) if training else {}
    texts = [strip_emoticons(text) for text in sample.texts]
    n_tokens, n_unknown = token_counts(model, sample.texts)
    return Scoreboard(
        evaluation=sample.evaluate(model),
        others={name: sample.evaluate(baseline).predicted for name, baseline in baselines.items()},
        stripped={
            name: sample.evaluate(system, texts).predicted for name, system in {MODEL: model, **baselines}.items()
        },
        n_tokens=n_tokens,
        n_unknown=n_unknown,
        calibration=model.calibration,
        fitted_here=fitted_here,
    )


def figures(board: Scoreboard | MultilabelScoreboard) -> dict:
    """Returns every figure of a scoreboard, as JSON can hold them: what is printed, saved and shown on the page.

    A metric is {"value", "interval"}; the interval is left out where there is none. An undefined metric is None.
    """
    if isinstance(board, MultilabelScoreboard):
        return multilabel_figures(board)
    evaluation = board.evaluation
    spread = intervals(evaluation)
    right = evaluation.predicted == evaluation.targets
    return {
        "corpus": evaluation.corpus,
        "split": evaluation.split,
        "n_texts": evaluation.n_examples,
        "label_names": list(evaluation.label_names),
        "notes": list(evaluation.notes),
        "metrics": {name: metric(value, spread.get(name)) for name, value in evaluation.metrics().items()},
        "by_class": class_figures(evaluation),
        "confusion": evaluation.confusion.tolist() if len(evaluation.label_names) <= _MOST_CONFUSED else None,
        "reliability": reliability_figures(evaluation),
        "calibration": calibration_figures(evaluation, board.calibration, board.fitted_here),
        "systems": {name: _system(board, name) for name in (MODEL, *board.others)},
        "by_length": by_length(right, board.n_tokens),
        "by_unknown": by_unknown(right, board.n_tokens, board.n_unknown),
        "by_threshold": by_threshold(evaluation),
    }


def _system(board: Scoreboard, name: str) -> dict:
    """Returns a system's metrics, and how the model differs from it."""
    evaluation = board.evaluation
    predicted = evaluation.predicted if name == MODEL else board.others[name]
    found = _class_metrics(evaluation, predicted)
    found["stripped_accuracy"] = _class_metrics(evaluation, board.stripped[name])["accuracy"]
    if name != MODEL:
        compared = compare(evaluation.targets, evaluation.predicted, predicted, len(evaluation.label_names))
        found["model_minus_this"] = {name: metric(*pair) for name, pair in compared.differences.items()}
        found["p_value"] = compared.p_value
    return found


def _class_metrics(evaluation: Evaluation, predicted: np.ndarray) -> dict:
    statistic = class_statistic(evaluation.targets, predicted, len(evaluation.label_names))
    return resampled_metrics(CLASS_METRICS, statistic, predicted == evaluation.targets, "accuracy")
