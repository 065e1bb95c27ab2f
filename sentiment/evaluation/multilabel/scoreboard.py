"""A model's evaluation beside the simple ways, all on the same examples; and all of its figures by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment.evaluation.multilabel.baselines import fit_baselines
from sentiment.evaluation.multilabel.calibration_figures import calibration_figures
from sentiment.evaluation.multilabel.result import SET_METRICS, MultilabelEvaluation
from sentiment.evaluation.multilabel.sample import MultilabelSample
from sentiment.evaluation.resampling import bootstrap
from sentiment.evaluation.shared_figures import class_figures, metric, reliability_figures, system_figures
from sentiment.evaluation.slices import THRESHOLDS, by_length, by_unknown, token_counts
from sentiment.evaluation.words import MODEL
from sentiment.prediction.decisions import Decisions

if TYPE_CHECKING:
    from sentiment.training.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class MultilabelScoreboard:
    """What a model and the baselines gave each example.

    Attributes:
        evaluation: the model's.
        others: of each baseline, by name, the labels that it gave, <bool>[n, n_labels].
        n_tokens: <int64>[n] how many tokens each text has.
        n_unknown: <int64>[n] how many of them the model has never seen.
        calibration: the model's.
        fitted_here: whether it was fitted to these very examples.
    """

    evaluation: MultilabelEvaluation
    others: Mapping[str, np.ndarray]
    n_tokens: np.ndarray
    n_unknown: np.ndarray
    calibration: Decisions
    fitted_here: bool


def fill_scoreboard(
    model: "TrainedModel",
    sample: MultilabelSample,
    answers: np.ndarray,
    training: tuple[list[str], np.ndarray] | None,
    fitted_here: bool,
) -> MultilabelScoreboard:
    """Evaluates a model and the baselines.

    Args:
        model: the model.
        sample: the examples.
        answers: <float64>[n, n_classes] the model's probabilities of them.
        training: the model's training texts and their labels <bool>[n, n_labels], from which the baselines learn; None:
            without.
        fitted_here: whether the model's calibration was fitted to these very examples.
    """
    assert isinstance(model.calibration, Decisions), "the model gives several labels"
    baselines = fit_baselines(model.label_names, *training) if training else {}
    n_tokens, n_unknown = token_counts(model, sample.texts)
    return MultilabelScoreboard(
        evaluation=sample.evaluate(model, answers),
        others={name: sample.evaluate(baseline).given for name, baseline in baselines.items()},
        n_tokens=n_tokens,
        n_unknown=n_unknown,
        calibration=model.calibration,
        fitted_here=fitted_here,
    )


def figures(board: MultilabelScoreboard) -> dict:
    """Returns every figure of a scoreboard, as JSON can hold them: what is printed, saved and shown on the page.

    A metric is {"value", "interval"}; the interval is left out where there is none. An undefined metric is None.
    """
    evaluation = board.evaluation
    systems = _systems(board)
    return {
        "task": "multilabel",
        "corpus": evaluation.corpus,
        "split": evaluation.split,
        "n_texts": evaluation.n_examples,
        "label_names": list(evaluation.label_names),
        "notes": list(evaluation.notes),
        "labels_a_text": {
            "true": float(evaluation.targets.sum(1).mean()),
            "given": float(evaluation.given.sum(1).mean()),
        },
        "metrics": {name: systems[MODEL].get(name) or metric(value) for name, value in evaluation.metrics().items()},
        "by_class": class_figures(evaluation),
        "reliability": reliability_figures(evaluation),
        "calibration": calibration_figures(evaluation, board.calibration, board.fitted_here),
        "systems": systems,
        "by_length": by_length(evaluation.right, board.n_tokens),
        "by_unknown": by_unknown(evaluation.right, board.n_tokens, board.n_unknown),
        "by_threshold": _by_threshold(evaluation),
    }


def _systems(board: MultilabelScoreboard) -> dict[str, dict]:
    model = board.evaluation
    systems = {MODEL: model} | {name: model.answering(given) for name, given in board.others.items()}
    resampled = bootstrap([each.statistic() for each in systems.values()], model.n_examples)
    right = {name: each.right for name, each in systems.items()}
    return system_figures(SET_METRICS, "subset_accuracy", dict(zip(systems, resampled, strict=True)), right)


def _by_threshold(evaluation: MultilabelEvaluation) -> dict[str, dict[str, list]]:
    """Returns, for each label, precision and recall when it is given from each of `THRESHOLDS` on."""
    found = {}
    for name, truth, scores in zip(
        evaluation.label_names, evaluation.targets.T, evaluation.probabilities.T, strict=True
    ):
        given = scores >= THRESHOLDS[:, None]
        hits, counts = (given & truth).sum(axis=1), given.sum(axis=1)
        precision = [hit / count if count else None for hit, count in zip(hits.tolist(), counts.tolist(), strict=True)]
        found[name] = {"precision": precision, "recall": (hits / max(1, int(truth.sum()))).tolist()}
    return found
