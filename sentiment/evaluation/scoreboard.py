"""A model's evaluation beside the simple ways, all on the same examples; and all of its figures by name."""

import itertools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment.evaluation.baselines import fit_baselines
from sentiment.evaluation.calibration_figures import calibration_figures
from sentiment.evaluation.intervals import varying
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.multilabel.scoreboard import figures as multilabel_figures
from sentiment.evaluation.resampling import Resampled, bootstrap
from sentiment.evaluation.result import Evaluation
from sentiment.evaluation.scoring import Classifier, Sample
from sentiment.evaluation.shared_figures import (
    class_figures,
    metric,
    reliability_figures,
    share_metric,
    system_figures,
)
from sentiment.evaluation.slices import by_length, by_threshold, by_unknown, token_counts
from sentiment.evaluation.statistics import CLASS_METRICS, SCORE_METRICS, class_statistic, score_statistic
from sentiment.evaluation.words import MODEL
from sentiment.execution.worker_processes import map_texts
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

    @property
    def predicted(self) -> dict[str, np.ndarray]:
        """Of `MODEL` and each baseline, its predicted classes, <int64>[n]."""
        return {MODEL: self.evaluation.predicted, **self.others}


def fill_scoreboard(
    model: "TrainedModel",
    sample: Sample,
    answers: np.ndarray,
    training: tuple[list[str], np.ndarray] | None,
    fitted_here: bool,
) -> Scoreboard:
    """Evaluates a model and the baselines.

    Args:
        model: the model.
        sample: the examples.
        answers: <float64>[n, n_classes] the model's probabilities of them.
        training: the model's training texts and their classes <int>[n], from which the baselines learn; None: without.
        fitted_here: whether the model's calibration was fitted to these very examples.
    """
    assert isinstance(model.calibration, Calibration), "the model gives one label"
    any_language = model.preprocessor.unspaced == "letters"
    baselines = fit_baselines(model.label_names, *training, any_language) if training else {}
    n_tokens, n_unknown = token_counts(model, sample.texts)
    evaluation = sample.evaluate(model, answers)
    others = {name: sample.evaluate(baseline).predicted for name, baseline in baselines.items()}
    systems: dict[str, Classifier] = {MODEL: model, **baselines}
    return Scoreboard(
        evaluation=evaluation,
        others=others,
        stripped=_stripped(sample, systems, {MODEL: evaluation.predicted, **others}),
        n_tokens=n_tokens,
        n_unknown=n_unknown,
        calibration=model.calibration,
        fitted_here=fitted_here,
    )


def _stripped(
    sample: Sample, systems: Mapping[str, Classifier], predicted: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Returns each system's predicted classes without emoticons: most texts have none, and keep theirs."""
    texts = list(itertools.chain.from_iterable(map_texts(_without_emoticons, sample.texts, "emoticons")))
    changed = np.flatnonzero([*map(operator.ne, texts, sample.texts)])
    if not len(changed):
        return dict(predicted)
    others = replace(
        sample, rows=sample.rows[changed], texts=[texts[row] for row in changed], targets=sample.targets[changed]
    )
    found = {name: classes.copy() for name, classes in predicted.items()}
    for name, system in systems.items():
        found[name][changed] = others.evaluate(system).predicted
    return found


def _without_emoticons(texts: Sequence[str]) -> list[str]:
    return [strip_emoticons(text) for text in texts]


def figures(board: Scoreboard | MultilabelScoreboard) -> dict:
    """Returns every figure of a scoreboard, as JSON can hold them: what is printed, saved and shown on the page.

    A metric is {"value", "interval"}; the interval is left out where there is none. An undefined metric is None.
    """
    if isinstance(board, MultilabelScoreboard):
        return multilabel_figures(board)
    evaluation = board.evaluation
    of_systems, of_scores = _resampled(board)
    spread = dict(zip(SCORE_METRICS, map(varying, of_scores.drawn.T), strict=True))
    systems = _systems(board, of_systems)
    right = evaluation.predicted == evaluation.targets
    return {
        "corpus": evaluation.corpus,
        "split": evaluation.split,
        "n_texts": evaluation.n_examples,
        "label_names": list(evaluation.label_names),
        "notes": list(evaluation.notes),
        "metrics": {
            name: systems[MODEL].get(name) or metric(value, spread.get(name))
            for name, value in evaluation.metrics().items()
        },
        "by_class": class_figures(evaluation),
        "confusion": evaluation.confusion.tolist() if len(evaluation.label_names) <= _MOST_CONFUSED else None,
        "reliability": reliability_figures(evaluation),
        "calibration": calibration_figures(evaluation, board.calibration, board.fitted_here),
        "systems": systems,
        "by_length": by_length(right, board.n_tokens),
        "by_unknown": by_unknown(right, board.n_tokens, board.n_unknown),
        "by_threshold": by_threshold(evaluation),
    }


def _resampled(board: Scoreboard) -> tuple[dict[str, Resampled], Resampled]:
    """Returns each system's `CLASS_METRICS` and the model's `SCORE_METRICS`, by the same draws."""
    evaluation, predicted = board.evaluation, board.predicted
    statistics = [class_statistic(evaluation.targets, each, len(evaluation.label_names)) for each in predicted.values()]
    *of_systems, of_scores = bootstrap([*statistics, score_statistic(evaluation)], evaluation.n_examples)
    return dict(zip(predicted, of_systems, strict=True)), of_scores


def _systems(board: Scoreboard, resampled: Mapping[str, Resampled]) -> dict[str, dict]:
    targets = board.evaluation.targets
    right = {name: each == targets for name, each in board.predicted.items()}
    found = system_figures(CLASS_METRICS, "accuracy", resampled, right)
    for name, figures in found.items():
        figures["stripped_accuracy"] = share_metric(board.stripped[name] == targets)
    return found
