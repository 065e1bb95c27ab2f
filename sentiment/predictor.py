"""Sentences -> labels with probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.trained_model import TrainedModel


@dataclass(frozen=True)
class Prediction:
    """What a model says of one text.

    Attributes:
        text: the text, as it was given.
        label: the most probable class.
        probability: its probability.
        probabilities: of every class, by name; they sum to 1.
        unknown: the tokens that the model has never seen.
        n_tokens: how many tokens the text has after preprocessing.
    """

    text: str
    label: str
    probability: float
    probabilities: dict[str, float]
    unknown: tuple[str, ...]
    n_tokens: int

    @property
    def mostly_unknown(self) -> bool:
        """Whether most tokens are unknown, or there is none: the label is then little more than a guess."""
        return 2 * len(self.unknown) > self.n_tokens or self.n_tokens == 0


class Predictor:
    """A trained model that answers for texts."""

    def __init__(self, model: TrainedModel):
        self._model = model

    @classmethod
    def load(cls, path: str | Path) -> "Predictor":
        """Loads a run directory. Raises InputError where it is missing, unfinished, altered or cut short."""
        return cls(TrainedModel.load(path))

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        """Returns a prediction for each text, in order. A text's prediction never depends on its companions."""
        token_lists = [self._model.preprocessor(text) for text in texts]
        probabilities = np.exp(self._model.log_probabilities(token_lists).astype(np.float64))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        return [self._prediction(*each) for each in zip(texts, token_lists, probabilities, strict=True)]

    def _prediction(self, text: str, tokens: list[str], probabilities: np.ndarray) -> Prediction:
        best = int(probabilities.argmax())
        names = self._model.label_names
        return Prediction(
            text=text,
            label=names[best],
            probability=float(probabilities[best]),
            probabilities=dict(zip(names, probabilities.tolist(), strict=True)),
            unknown=tuple(token for token in tokens if token not in self._model.vocabulary),
            n_tokens=len(tokens),
        )
