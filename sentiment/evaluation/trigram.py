"""An interpolated trigram model of token ids: the yardstick for a neural language model."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary


class Trigram:
    """Jelinek and Mercer's (1980) interpolation of trigram, bigram, unigram and uniform relative frequencies.

    The four weights are fitted by expectation-maximisation on part of the training texts that the counts leave out
    ("deleted interpolation"); then the counts take in all of them.
    """

    def __init__(self, texts: Sequence[np.ndarray], vocabulary_size: int, held_back: float = 0.1, rounds: int = 30):
        """Fits the model on <int32>[length] arrays of ids; `held_back` is the share that the weights are fitted on."""
        self._n_words = vocabulary_size - 1  # padding never comes next
        every = max(2, round(1 / held_back))
        fitted = [text for number, text in enumerate(texts) if number % every == 0]
        self._count(text for number, text in enumerate(texts) if number % every)
        self._weights = np.full(4, 0.25)
        parts = np.concatenate([self._parts(text) for text in fitted])
        for _ in range(rounds):
            shares = parts * self._weights
            self._weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
        self._count(texts)

    def perplexity(self, texts: Sequence[np.ndarray]) -> float:
        """Returns exp of the mean negative log-probability of every token and of every text's end."""
        logs = np.concatenate([np.log(self._parts(text) @ self._weights) for text in texts])
        return float(np.exp(-logs.mean()))

    def _count(self, texts) -> None:
        self._counts: list[Counter] = [Counter(), Counter(), Counter()]  # of 1, 2 and 3 ids
        self._contexts: list[Counter] = [Counter(), Counter(), Counter()]
        for text in texts:
            ids = _framed(text)
            for place in range(2, len(ids)):
                for n in range(3):
                    self._counts[n][ids[place - n : place + 1]] += 1
                    self._contexts[n][ids[place - n : place]] += 1

    def _parts(self, text: np.ndarray) -> np.ndarray:
        """Returns <float64>[length + 1, 4]: each next id's frequency by trigram, bigram, unigram and uniformly."""
        ids = _framed(text)
        rows = []
        for place in range(2, len(ids)):
            row = [1 / self._n_words]
            for n in range(3):
                seen = self._contexts[n][ids[place - n : place]]
                row.append(self._counts[n][ids[place - n : place + 1]] / seen if seen else 0.0)
            rows.append(row[::-1])
        return np.array(rows)


def _framed(text: np.ndarray) -> tuple[int, ...]:
    return (Vocabulary.END, Vocabulary.END, *map(int, text), Vocabulary.END)
