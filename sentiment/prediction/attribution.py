"""Attributions: how much each token of a text added to the score of a class.

A class's score is its centred log-probability: minus the mean over all classes, so that what the softmax subtracts from
all of them alike plays no part. For two classes it is half the log odds. Where a text may have several classes, it is
the class's own log odds.
"""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.encoding.encoder import Encoder
from sentiment.encoding.ragged import Ragged

MOST_OCCLUSIONS = 128  # a longer text is occluded in so many parts


@dataclass(frozen=True)
class Attribution:
    """A token and what it added to a prediction.

    Attributes:
        token: as the model sees it, stemmed and all.
        score: what it added to the predicted label's score, in nats; negative where it spoke against the label.
        known: whether the model has seen it in training.
        span: the characters of the text that it stands for, [start, end); those of a later token neither start nor end
            earlier, but may overlap (`Preprocessor.tokens_with_offsets`).
    """

    token: str
    score: float
    known: bool
    span: tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """A piece of the text with the attributions of its tokens summed.

    Attributes:
        span: [start, end) in characters; marks don't overlap.
        score: the sum of the tokens' scores.
        known: whether the model has seen all of the tokens in training.
    """

    span: tuple[int, int]
    score: float
    known: bool


def marks(attributions: Iterable[Attribution]) -> list[Mark]:
    """Returns the marks of a text in order; tokens whose characters overlap share one."""
    found: list[Mark] = []
    for each in attributions:
        if found and each.span[0] < found[-1].span[1]:
            last = found.pop()
            span = (last.span[0], max(last.span[1], each.span[1]))
            found.append(Mark(span, last.score + each.score, last.known and each.known))
        else:
            found.append(Mark(each.span, each.score, each.known))
    return found


@dataclass(frozen=True)
class Scored:
    """The model to explain; `log_probabilities` returns <float32>[n_texts, n_classes], or [n_texts, n_classes, 2]."""

    encoder: Encoder
    log_probabilities: Callable[[Ragged], np.ndarray]
    additive: bool


def explain(model: Scored, tokens: list[str]) -> np.ndarray:
    """Returns <float64>[n_tokens, n_classes]: what each token added to each class's score.

    Of an additive model this is exact: the sum over the tokens is the score of the text minus that of an empty one (but
    for ids without a token, such as `FixedLength`'s). An id that comes from several tokens, such as an n-gram's, counts
    for each in equal parts. Of any other model a token's part is what the score loses when the token is left out
    (occlusion; Zeiler and Fergus 2014); of a text of more than `MOST_OCCLUSIONS` tokens neighbours are left out
    together and share.
    """
    return _additive(model, tokens) if model.additive else _occlusion(model, tokens)


def _additive(model: Scored, tokens: list[str]) -> np.ndarray:
    ids = model.encoder.encode(tokens)
    scores = _scores(model, [ids[:0], *ids[:, None]])
    parts = (scores[1:] - scores[0]) / max(1, len(ids))
    added = np.zeros((len(tokens), scores.shape[1]))
    for places, part in zip(model.encoder.origins(tokens), parts, strict=True):
        for place in places:
            added[place] += part / len(places)
    return added


def _occlusion(model: Scored, tokens: list[str]) -> np.ndarray:
    n_parts = min(len(tokens), MOST_OCCLUSIONS)
    ends = np.arange(n_parts + 1) * len(tokens) // max(1, n_parts)
    without = [[*tokens[:start], *tokens[end:]] for start, end in itertools.pairwise(ends)]
    scores = _scores(model, [model.encoder.encode(each) for each in (tokens, *without)])
    sizes = np.diff(ends)
    return np.repeat((scores[0] - scores[1:]) / sizes[:, None], sizes, axis=0)


def _scores(model: Scored, ids: Sequence[np.ndarray]) -> np.ndarray:
    outputs = model.log_probabilities(Ragged.of(ids)).astype(np.float64)
    if outputs.ndim == 3:
        return outputs[..., 1] - outputs[..., 0]
    return outputs - outputs.mean(axis=1, keepdims=True)
