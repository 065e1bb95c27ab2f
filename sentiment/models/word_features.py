"""What is known of each word before training: its vector, its rating, whether it is a negation."""

from dataclasses import dataclass

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.comparisons import CLAUSE_ENDS, KEPT, TURNED
from sentiment.text.tweet_tokenizer import is_emoticon
from sentiment.text.word_lists import negations
from sentiment.vectors import load_vectors
from sentiment.vectors.rated_vectors import vectors_and_ratings

_D_RATING = 3  # the rating and its two sides, as lexicons give it


@dataclass(frozen=True, kw_only=True)
class WordFeatures:
    """A table of fixed features: vectors, ratings (guessed where the lexicon lacks a word), and a negation's mark.

    Attributes:
        vectors: pre-trained vectors: a name or file for `load_vectors`.
        d_vectors: their size.
        clauses: whether a negation's reach ends with its clause: at "but", an emoticon, or a sign that the preprocessor
            keeps (`Preprocessor.clauses`), or where a comparison takes its force (`Preprocessor.comparisons`).
        lexicon: ratings of words, as vectors of three values: a name or file for `load_vectors`. None: no ratings.
    """

    vectors: str = "glove.6B.50d"
    d_vectors: int = 50
    lexicon: str | None = "word_ratings"
    clauses: bool = False

    @property
    def _valence(self) -> int | None:
        """The column where ratings begin."""
        return self.d_vectors if self.lexicon else None

    @property
    def _flag(self) -> int:
        """The last column, which marks negations."""
        return self.d_vectors + (_D_RATING if self.lexicon else 0)

    def _known(self, vocabulary: Vocabulary, mode: str) -> np.ndarray:
        """Returns the features <float32>[len(vocabulary), d]; zeros where `mode` isn't "train"."""
        if mode != "train":
            return np.zeros((len(vocabulary), self._flag + 1), np.float32)
        vectors = load_vectors(self.vectors, self.d_vectors)
        if self.lexicon:
            known = vectors_and_ratings(vocabulary, vectors, load_vectors(self.lexicon, _D_RATING))
        else:
            known = vectors.matrix_for(vocabulary)
        return np.hstack([known, _flags(vocabulary, self.clauses)])


def _flags(vocabulary: Vocabulary, clauses: bool) -> np.ndarray:
    """Returns <float32>[len(vocabulary), 1]: 1 where an entry is a negation; with `clauses` -1 where it ends one."""
    turning = negations() | {TURNED}
    negates = np.array([token in turning for token in vocabulary.tokens])
    ends = np.array([clauses and _ends_clause(token) for token in vocabulary.tokens])
    return (negates.astype(np.float32) - ends)[:, None]


def _ends_clause(token: str) -> bool:
    # An emoticon is a remark of its own: nobody negates it.
    return token in CLAUSE_ENDS or token == KEPT or is_emoticon(token)
