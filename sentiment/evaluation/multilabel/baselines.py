"""The simple ways that a model has to beat: the most frequent label, and TF-IDF with a logistic regression a label."""

from collections.abc import Sequence

import numpy as np

from sentiment.evaluation.baselines import WORDS
from sentiment.evaluation.multilabel.sample import LabelGiver
from sentiment.training.tokenise import tokenise

FREQUENT = "most frequent label"
ONE_VS_REST = "TF-IDF + logistic regressions"
TUNED = f"{ONE_VS_REST}, thresholds chosen"
_STRENGTHS = (1, 10, 30)
_HELD_OUT = 5  # one text in so many chooses strength and thresholds


def fit_baselines(label_names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray) -> dict[str, LabelGiver]:
    """Returns each baseline by name, fitted to a model's own training rows.

    Args:
        label_names: the labels, in the order of a model's outputs.
        texts: n training texts.
        labels: <bool>[n, n_labels] their labels.
    """
    linear = OneVsRest(label_names, texts, labels)
    return {FREQUENT: Frequent(label_names, labels), ONE_VS_REST: linear, TUNED: linear.tuned()}


class Frequent:
    """Gives every text the label that is most frequent in training."""

    def __init__(self, label_names: tuple[str, ...], labels: np.ndarray):
        self.label_names = label_names
        self._shares = labels.mean(axis=0)
        self.least = np.where(np.arange(len(label_names)) == self._shares.argmax(), 0.0, np.inf)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_labels]: the labels' shares in training, the same for every text."""
        return np.tile(self._shares, (len(texts), 1))


class OneVsRest:
    """Words weighted by TF-IDF (`baselines.WORDS`), and a logistic regression for each label against all others.

    A text gets the labels with a probability of 0.5 or more, as with scikit-learn's OneVsRestClassifier; or, `tuned`,
    of each label's own threshold. C, one of 1, 10 and 30, has the highest macro-F1 on a fifth of the training rows that
    the regressions then don't see, and there each label's threshold has its highest F1.
    """

    def __init__(self, label_names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray):
        self.label_names = label_names
        self.least = np.full(len(label_names), 0.5)
        held_out = np.random.default_rng(0).permutation(len(texts)) % _HELD_OUT == 0
        seen = [text for text, out in zip(texts, held_out, strict=True) if not out]
        tried = [text for text, out in zip(texts, held_out, strict=True) if out]
        scored = []
        for strength in _STRENGTHS:
            self._fit(seen, labels[~held_out], strength)
            probabilities = self.probabilities(tried)
            thresholds = _thresholds(probabilities, labels[held_out])
            scored.append((_macro_f1(probabilities >= thresholds, labels[held_out]), -strength, thresholds))
        _, weakness, self._thresholds = max(scored, key=lambda each: each[:2])
        self.strength = -weakness
        self._fit(texts, labels, self.strength)

    def tuned(self) -> LabelGiver:
        """Returns the same, with thresholds of its own for each label."""
        other = object.__new__(OneVsRest)
        vars(other).update(vars(self), least=self._thresholds)
        return other

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_labels]; a label that all or no training rows have gets that share."""
        features = self._features.transform(tokenise(WORDS, texts))
        found = np.tile(self._shares, (len(texts), 1))
        for label, model in self._models.items():
            found[:, label] = model.predict_proba(features)[:, 1]
        return found

    def _fit(self, texts: Sequence[str], labels: np.ndarray, strength: float) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._features = TfidfVectorizer(analyzer=list)
        inputs = self._features.fit_transform(tokenise(WORDS, texts))
        self._shares = labels.mean(axis=0)
        self._models = {
            label: LogisticRegression(C=strength, max_iter=1000).fit(inputs, labels[:, label])
            for label in np.flatnonzero((self._shares > 0) & (self._shares < 1)).tolist()
        }


def _thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns of each label the probability from which on its F1 is highest; 0.5 where no row has it."""
    found = np.full(labels.shape[1], 0.5)
    for label in np.flatnonzero(labels.any(axis=0)):
        sure = np.sort(probabilities[:, label])[::-1]
        hits = np.cumsum(labels[np.argsort(-probabilities[:, label], kind="stable"), label])
        found[label] = sure[np.argmax(2 * hits / (np.arange(1, len(sure) + 1) + hits[-1]))]
    return found


def _macro_f1(given: np.ndarray, labels: np.ndarray) -> float:
    total = given.sum(axis=0) + labels.sum(axis=0)
    return float((2 * (given & labels).sum(axis=0) / np.maximum(total, 1))[labels.any(axis=0)].mean())
