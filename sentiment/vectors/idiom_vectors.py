"""Vectors for rated idioms: those of words that are rated as they are, since an idiom isn't what its words say."""

import numpy as np

from sentiment.vectors.word_vectors import WordList

_WIDTH = 0.25  # of a Gaussian kernel over ratings, which go from -2 to 2 here


def with_idioms(known: np.ndarray, ratings: np.ndarray, words: WordList) -> np.ndarray:
    """Returns `known` with other vectors for rated idioms; their own are the means of their words' vectors.

    An idiom gets the mean of the vectors of rated words, weighted by how near each one's rating is to its own
    (Nadaraya-Watson regression), brought to the mean length of these vectors: "no complaints" lies among "good" and
    "nice", far from "complaints".

    Args:
        known: <float32>[len(words), d] vectors.
        ratings: <float32>[len(words), 3] as the lexicon has them: the first of three values is the rating, 0 if none.
        words: what they are of; an idiom has a space.
    """
    idiom = np.array([" " in word for word in words.tokens], bool)
    rated = ratings.any(axis=1)
    idioms, examples = np.flatnonzero(rated & idiom), np.flatnonzero(rated & ~idiom & known.any(axis=1))
    if not len(idioms) or not len(examples):
        return known
    near = -(((ratings[idioms, :1] - ratings[examples, 0]) / _WIDTH) ** 2) / 2
    means = np.exp(near - near.max(axis=1, keepdims=True)) @ known[examples]  # 1 for the nearest, however far it is
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    length = np.linalg.norm(known[examples], axis=1).mean()
    known = known.copy()
    known[idioms] = means * np.divide(length, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    return known
