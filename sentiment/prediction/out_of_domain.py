"""Whether there is an opinion in a text that a model of sentiments can judge: a score, by which it abstains.

A fact, a number or another language gets a label as any text does, and often a sure one. What gives them away is how
undecided the model is, how rare the words are, that no word by itself says much, and the vector from which the model's
last layer answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary

N_FACTS = 11  # beside the vector
N_MARGINS = 2  # the same, where ids are no words
LIMIT = 0.5  # of the score: a text above it is not judged
_SUREST = 8.0  # log-odds: more is no surer
_TELLING = 1.5  # log-odds by which a token says something
_MOST_TELLING = 3  # such tokens: more are no more telling


@dataclass(frozen=True)
class OutOfDomain:
    """A logistic regression from facts about a text to whether there is nothing in it to judge.

    Attributes:
        offset: of its log-odds, such that few texts of the validation split are above `LIMIT`.
        weights: [n_facts + d] of the facts, and of the values of the text's vector.
    """

    offset: float
    weights: Sequence[float]

    def scores(self, facts: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Returns <float64>[n], 0 to 1: 1 where there is nothing to judge in a text.

        Args:
            facts: <float64>[n, n_facts] of `facts_of`.
            vectors: <float32>[n, d], what the model's last dense layer sees of the texts; d is 0 where it has none.
        """
        of_facts, of_vectors = np.split(np.asarray(self.weights), [facts.shape[1]])
        # Not `@`, which asks all cores for a moment's work: their threads then wait for more by running in circles.
        sums = np.einsum("ij,j->i", facts, of_facts) + np.einsum("ij,j->i", vectors, of_vectors)
        return 1 / (1 + np.exp(-np.clip(sums + self.offset, -50, 50)))


@dataclass(frozen=True, eq=False)
class WordEvidence:
    """How much each token of a vocabulary says by itself, found when it is first needed. Any threads may share one.

    Attributes:
        answer: texts -> a model's log-probabilities, <float32>[n_texts, n_classes].
        size: of the vocabulary.
    """

    answer: Callable[[Ragged], np.ndarray]
    size: int
    _found: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", np.full(self.size, np.nan, np.float32))

    def __getitem__(self, ids: np.ndarray) -> np.ndarray:
        """Returns <float32>[n]: how far the log-odds of each token as a text are from those of an unknown one."""
        new = np.unique(ids[np.isnan(self._found[ids])]).astype(np.int32)
        if len(new):
            asked = np.append(new, np.int32(Vocabulary.UNKNOWN))
            logs = self.answer(Ragged(asked, np.ones(len(asked), np.int64)))
            moved = logs[:-1] - logs[-1]
            self._found[new] = np.minimum(moved.max(axis=1) - moved.min(axis=1), _SUREST)
        return self._found[ids]


def facts_of(texts: Ragged, probabilities: np.ndarray, evidence: WordEvidence | None) -> np.ndarray:
    """Returns what the score goes by beside vectors, <float64>[n_texts, n_facts]: facts of words, or margins alone.

    Args:
        texts: encoded by the vocabulary.
        probabilities: <float64>[n_texts, n_classes] of them, calibrated.
        evidence: of the vocabulary's tokens; None: ids are no words.
    """
    facts = _margins(probabilities) if evidence is None else _facts_of_words(texts, probabilities, evidence)
    return np.column_stack(facts)


def _facts_of_words(texts: Ragged, probabilities: np.ndarray, evidence: WordEvidence) -> list[np.ndarray]:
    """Returns N_FACTS facts, each <float64>[n_texts].

    The log-odds of the best class against the second best, and their root; the mean and the largest rarity of a token,
    0 to 1, by its place in the vocabulary, where frequent ones come first; the share of unknown tokens; 1 / (1 + number
    of tokens); of the tokens' evidence the largest, its root, the mean, and the sum by the root of their number; how
    many tokens say something, three at most.
    """
    unknown = texts.ids == Vocabulary.UNKNOWN
    rarity = np.where(unknown, 1.0, np.log1p(texts.ids) / np.log1p(evidence.size))
    says = evidence[texts.ids].astype(np.float64)
    count, text = np.maximum(texts.lengths, 1), np.repeat(np.arange(len(texts.lengths)), texts.lengths)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(text, values, len(count)) / count

    def largest(values: np.ndarray) -> np.ndarray:
        found = np.zeros(len(count))
        np.maximum.at(found, text, values)
        return found

    facts = [*_margins(probabilities), mean(rarity), largest(rarity), mean(unknown), 1 / (1 + texts.lengths)]
    most, average = largest(says), mean(says)
    telling = np.minimum(mean(says > _TELLING) * count, _MOST_TELLING)
    return [*facts, most, np.sqrt(most), average, average * np.sqrt(count), telling]


def _margins(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    second, best = np.sort(probabilities, axis=1)[:, -2:].T
    margin = np.minimum(np.log(np.maximum(best, 1e-12)) - np.log(np.maximum(second, 1e-12)), _SUREST)
    return margin, np.sqrt(margin)
