"""A model's answers: for one text, and as arrays for many."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sentiment.prediction.attribution import Attribution
from sentiment.prediction.out_of_domain import LIMIT


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one text.

    Attributes:
        text: the text, as it was given.
        label: the most probable class.
        probability: its probability.
        probabilities: of every class, by name; they sum to 1.
        unknown: the tokens that the model has never seen.
        n_tokens: how many tokens the text has after preprocessing.
        abstained: whether the label is better not used, for a `reason`.
        attributions: what each token did for the label, in the text's order; None where it wasn't asked for.
        out_of_domain: how likely there is nothing in it to judge, 0 to 1 (`OutOfDomain`); None: the run can't tell.
    """

    text: str
    label: str
    probability: float
    probabilities: dict[str, float]
    unknown: tuple[str, ...]
    n_tokens: int
    abstained: bool
    attributions: tuple[Attribution, ...] | None = None
    out_of_domain: float | None = None

    @property
    def mostly_unknown(self) -> bool:
        """Whether most tokens are unknown, or there are none: the label is then little more than a guess."""
        return 2 * len(self.unknown) > self.n_tokens or self.n_tokens == 0

    @property
    def reason(self) -> str:
        """Why it abstained, in words; "" where it didn't.

        The text is `mostly_unknown`, there is nothing in it to judge, or the probability is under the label's threshold
        for the precision that was asked for.
        """
        if not self.abstained:
            return ""
        if self.n_tokens == 0:
            return "there is no word in it"
        if self.mostly_unknown:
            return f"most words are unknown: {' '.join(self.unknown)}"
        unjudged = (self.out_of_domain or 0) > LIMIT
        return "there seems to be nothing in it to judge" if unjudged else "not sure enough for the wanted precision"


@dataclass(frozen=True)
class MultilabelPrediction(Prediction):
    """The answer of a model that gives a text any number of labels.

    `label` is the most probable one, whether it is given or not; the probabilities don't sum to 1.

    Attributes:
        labels: those that are given, the most probable first: each with a probability of its own threshold or more.
            There may be none.
        by_label: label -> what each token did for it, of `labels`, and of `label` where there are none; None where
            attributions weren't asked for.
    """

    labels: tuple[str, ...] = ()
    by_label: Mapping[str, tuple[Attribution, ...]] | None = None


@dataclass(frozen=True)
class Outcomes:
    """A model's answers for many texts, as arrays in their order.

    Attributes:
        probabilities: <float64>[n_texts, n_classes], calibrated; rows sum to 1, unless a text may have several labels.
        best: <int64>[n_texts], the most probable class.
        unknown: <int64>[n_texts], how many tokens the model has never seen.
        n_tokens: <int64>[n_texts].
        abstained: <bool>[n_texts], as in `Prediction`.
        given: <bool>[n_texts, n_classes], which labels each text gets where it may have several; else None.
        out_of_domain: <float64>[n_texts], as in `Prediction`; None where the run can't tell.
    """

    probabilities: np.ndarray
    best: np.ndarray
    unknown: np.ndarray
    n_tokens: np.ndarray
    abstained: np.ndarray
    given: np.ndarray | None = None
    out_of_domain: np.ndarray | None = None

    @property
    def probability(self) -> np.ndarray:
        """<float64>[n_texts], of the most probable class."""
        return self.probabilities[np.arange(len(self.best)), self.best]
