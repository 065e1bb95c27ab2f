"""Ratings for words that a lexicon lacks, guessed from the ratings of words whose vectors are near.

Lexicons of some thousand words rate few of those that people use. Kernel ridge regression from a word's vector to its
rating gives the others one.
"""

import itertools

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import normalize

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors.valence import both_sides
from sentiment.vectors.word_vectors import WordVectors

_N_EXAMPLES = 8000  # the most frequent rated words; models with guesses from all 17,700 are no better
_GAMMA, _ALPHA = 2.0, 0.5  # of a kernel over vectors of length 1; chosen on VADER's words, left out in turn
_AT_ONCE = 4096  # rows


def with_guesses(ratings: np.ndarray, known: np.ndarray, lexicon: WordVectors, vectors: WordVectors) -> np.ndarray:
    """Returns `ratings` with a guess in the place of each that is zero, if the word has a vector.

    Args:
        ratings: <float32>[n, 3] of n words, as the lexicon has them.
        known: <float32>[n, vectors.d] the same words' vectors.
        lexicon: whose words are learned from: the first of a word's three values is its rating.
        vectors: where their vectors come from.
    """
    rows = np.flatnonzero(known.any(axis=1) & ~ratings.any(axis=1))
    examples, targets = _examples(lexicon, vectors)
    if not len(rows) or not len(examples):
        return ratings
    examples = normalize(examples)
    model = KernelRidge(kernel="precomputed", alpha=_ALPHA).fit(_kernel(examples, examples), targets)
    ratings = ratings.copy()
    for part in np.split(rows, range(_AT_ONCE, len(rows), _AT_ONCE)):
        ratings[part] = both_sides(model.predict(_kernel(normalize(known[part]), examples)))
    return ratings


def _kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # scikit-learn's rbf_kernel, for vectors of length 1: in float32, which it computes by way of float64, at its pace.
    similar = x @ y.T
    similar -= 1
    similar *= 2 * _GAMMA
    return np.exp(similar, out=similar)


def _examples(lexicon: WordVectors, vectors: WordVectors) -> tuple[np.ndarray, np.ndarray]:
    rated = set(lexicon.store.words())
    words = Vocabulary.build([itertools.islice((word for word in vectors.store.words() if word in rated), _N_EXAMPLES)])
    rows = slice(len(Vocabulary.SPECIAL), None)
    return vectors.matrix_for(words)[rows], lexicon.matrix_for(words)[rows, 0]
