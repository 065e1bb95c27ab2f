"""Predictions as lines of JSON, and back: every figure can be computed again without the model."""

import itertools
import json
from collections.abc import Iterator, Sequence

import numpy as np

from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.multilabel.scoreboard import MultilabelScoreboard
from sentiment.prediction.decisions import Decision, Decisions


def lines(board: MultilabelScoreboard) -> Iterator[str]:
    """Yields a line for each example.

    It has the row's number in the corpus, its true labels, those that the model and each other system gave, the model's
    probabilities, how many tokens it has and how many of them are unknown; not the text itself.
    """
    evaluation = board.evaluation
    names = evaluation.label_names
    for place, row in enumerate(evaluation.rows.tolist()):
        line = {
            "row": row,
            "labels": _names(names, evaluation.targets[place]),
            "given": _names(names, evaluation.given[place]),
            "probabilities": dict(zip(names, evaluation.probabilities[place].tolist(), strict=True)),
            "others": {name: _names(names, given[place]) for name, given in board.others.items()},
            "n_tokens": int(board.n_tokens[place]),
            "n_unknown": int(board.n_unknown[place]),
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"


def board_of(found: Sequence[dict], figures: dict) -> MultilabelScoreboard:
    """Returns the scoreboard of the lines that `lines` made, and the figures saved beside them."""
    names, fitted = tuple(figures["label_names"]), figures["calibration"]

    def sets(of: Sequence[Sequence[str]]) -> np.ndarray:
        return np.array([[name in each for name in names] for each in of], bool)

    evaluation = MultilabelEvaluation(
        corpus=figures["corpus"],
        split=figures["split"],
        label_names=names,
        rows=np.array([line["row"] for line in found]),
        targets=sets([line["labels"] for line in found]),
        probabilities=np.array([[line["probabilities"][name] for name in names] for line in found]),
        given=sets([line["given"] for line in found]),
        notes=tuple(figures["notes"]),
    )
    n_tokens, n_unknown = (np.array([line[key] for line in found]) for key in ("n_tokens", "n_unknown"))
    others = {name: sets([line["others"][name] for line in found]) for name in found[0]["others"]}
    decisions = {name: Decision(**each) for name, each in fitted["decisions"].items()}
    calibration = Decisions(tuple(decisions), tuple(decisions.values()), fitted["thresholds"])
    return MultilabelScoreboard(evaluation, others, n_tokens, n_unknown, calibration, fitted["fitted_here"])


def _names(names: Sequence[str], has: np.ndarray) -> list[str]:
    return list(itertools.compress(names, has))
