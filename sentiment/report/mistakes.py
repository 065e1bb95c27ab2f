"""The wrong answers that a model was surest of."""

from typing import NamedTuple

import numpy as np

from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.evaluation.scoreboard import Scoreboard

WORST = 20


class Wrong(NamedTuple):
    """A wrong answer.

    Attributes:
        place: of the example in the evaluation.
        of: the label that was decided.
        label: what was answered; of several labels a text "not joy" where the label wasn't given.
        truth: what is so; of several labels a text all of them.
        probability: of the answer.
    """

    place: int
    of: str
    label: str
    truth: str
    probability: float


def surest_mistakes(board: Scoreboard | MultilabelScoreboard) -> list[Wrong]:
    """Returns the `WORST` wrong answers that have the highest probabilities; of several labels a text, decisions."""
    return _of_sets(board) if isinstance(board, MultilabelScoreboard) else _of_texts(board)


def _of_texts(board: Scoreboard) -> list[Wrong]:
    evaluation = board.evaluation
    names, confidence = evaluation.label_names, evaluation.probabilities.max(axis=1)
    wrong = np.flatnonzero(evaluation.predicted != evaluation.targets)
    places = wrong[np.argsort(-confidence[wrong], kind="stable")][:WORST]
    answers = [names[evaluation.predicted[place]] for place in places]
    return [
        Wrong(int(place), answer, answer, names[evaluation.targets[place]], float(confidence[place]))
        for place, answer in zip(places, answers, strict=True)
    ]


def _of_sets(board: MultilabelScoreboard) -> list[Wrong]:
    evaluation = board.evaluation
    known = np.isin(evaluation.label_names, board.calibration.label_names)  # a label that the model has, it can explain
    confidence = np.where(evaluation.given, evaluation.probabilities, 1 - evaluation.probabilities)
    places, labels = np.nonzero((evaluation.given != evaluation.targets) & known)
    order = np.argsort(-confidence[places, labels], kind="stable")[:WORST]
    found = []
    for place, label in zip(places[order].tolist(), labels[order].tolist(), strict=True):
        name = evaluation.label_names[label]
        truth = np.array(evaluation.label_names)[evaluation.targets[place]].tolist()
        answer = name if evaluation.given[place, label] else f"not {name}"
        found.append(Wrong(place, name, answer, ", ".join(truth) or "no label", float(confidence[place, label])))
    return found
