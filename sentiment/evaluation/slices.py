"""A split cut by a property of its texts; and what answers are worth as the threshold for giving one rises."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sentiment.evaluation.intervals import share_interval
from sentiment.evaluation.result import Evaluation
from sentiment.text.slices import sums
from sentiment.training.tokenise import tokenise

if TYPE_CHECKING:
    from sentiment.training.trained_model import TrainedModel

THRESHOLDS = np.linspace(0, 1, 51)
_UNKNOWN_EDGES = (0.0, 0.1, 0.25, 0.5, 1.0)


def token_counts(model: "TrainedModel", texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns <int64>[n] each: how many tokens the texts have, and how many of them the model has never seen."""
    tokens = tokenise(model.preprocessor, texts)
    lengths = np.diff(tokens.starts)
    return lengths, sums(~model.encoder.knows(tokens.tokens)[tokens.places], lengths)


def by_length(right: np.ndarray, n_tokens: np.ndarray) -> list[dict]:
    """Returns the accuracy of texts of about equally many in four groups, by their number of tokens.

    Args:
        right: <bool>[n] whether each text's answer is right.
        n_tokens: <int>[n].

    Returns:
        "from" and "to" (both included), "n_texts", and "accuracy" as {"value", "interval"}, for each group.
    """
    edges = np.unique(np.quantile(n_tokens, (0.25, 0.5, 0.75, 1), method="inverted_cdf"))
    lower = np.concatenate([[n_tokens.min()], edges[:-1] + 1])
    groups = [(low, high, (low <= n_tokens) & (n_tokens <= high)) for low, high in zip(lower, edges, strict=True)]
    return [{"from": int(low), "to": int(high), **_accuracy(right[kept])} for low, high, kept in groups if kept.any()]


def by_unknown(right: np.ndarray, n_tokens: np.ndarray, n_unknown: np.ndarray) -> list[dict]:
    """Returns the accuracy by the share of tokens that the model has never seen; a text without tokens has all of them.

    Returns:
        As `by_length`; "from" is excluded, but for the first group, which has no unknown token.
    """
    share = np.where(n_tokens > 0, n_unknown / np.maximum(n_tokens, 1), 1.0)
    groups = [(0.0, 0.0, share == 0)]
    groups += [(a, b, (a < share) & (share <= b)) for a, b in itertools.pairwise(_UNKNOWN_EDGES)]
    return [{"from": low, "to": high, **_accuracy(right[kept])} for low, high, kept in groups if kept.any()]


def by_threshold(evaluation: Evaluation) -> dict[str, dict[str, list]]:
    """Returns, for each label, precision and recall when it is answered from each of `THRESHOLDS` on.

    Returns:
        label -> {"precision", "recall"}; a precision of no answer is None.
    """
    found = {}
    for label, name in enumerate(evaluation.label_names):
        answered = evaluation.probabilities[:, label] >= THRESHOLDS[:, None]
        hits = (answered & (evaluation.targets == label)).sum(axis=1)
        counts, total = answered.sum(axis=1), max(1, int((evaluation.targets == label).sum()))
        precision = [hit / count if count else None for hit, count in zip(hits.tolist(), counts.tolist(), strict=True)]
        found[name] = {"precision": precision, "recall": (hits / total).tolist()}
    return found


def _accuracy(right: np.ndarray) -> dict:
    spread = share_interval(int(right.sum()), len(right))
    return {"n_texts": len(right), "accuracy": {"value": float(right.mean()), "interval": list(spread)}}
