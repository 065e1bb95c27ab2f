"""The default model: convolutions over what is known of each word and what training learns of it."""

import functools

import numpy as np

from sentiment import layers
from sentiment.config import configurable
from sentiment.encoding.hashed_ngrams import ngram_table
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.text.word_lists import shipped_lines
from sentiment.trax_runtime import tl
from sentiment.vectors import WordVectors, load_vectors

_NGRAM_LENGTHS = range(2, 6)  # characters
_MOST_NGRAMS, _N_NGRAMS = 24, 1 << 15  # of a word; of all, hashed: 5 MB for 100,000 words


@configurable
def tweet_classifier(
    vocabulary: Vocabulary,
    n_classes: int,
    mode: str = "train",
    vectors: str = "glove.6B.50d",
    d_vectors: int = 50,
    lexicon: str | None = "word_ratings",
    n_learned: int = 10_000,
    d_learned: int = 32,
    word_dropout: float = 0.2,
    scores: int = 16,
    widths: tuple[int, ...] = (1, 2, 3),
    filters: int = 64,
    dropout: float = 0.5,
    members: int = 1,
    spelling: bool = False,
):
    """Returns convolutions over tokens whose features are partly known before training.

    Known of a token are its pre-trained vector, its rating in a lexicon (a guess, where the lexicon lacks it:
    `with_guesses`) and whether it is a negation; learned is a vector. A negation turns round what follows
    (`layers.Negation`). Then come Kim's (2014) convolutions.

    Args:
        vocabulary: what gives the ids; its first entries should be what training texts hold (`known_vocabulary`).
        n_classes: number of log-probabilities.
        mode: "train" drops out and begins with the vectors; any other takes the weights of a model that was trained.
        vectors: pre-trained vectors (a name or file that `load_vectors` takes), which stay as they are.
        d_vectors: their size.
        lexicon: ratings of words, as vectors of three values; None: none.
        n_learned: how many ids have a learned vector of their own; later ones share that of unknown tokens.
        d_learned: size of a learned vector.
        word_dropout: share of the tokens that training makes unknown.
        scores: how many learned scores a negation turns round.
        widths: tokens that a convolution looks at.
        filters: convolutions of each width.
        dropout: share of the features that training sets to zero.
        members: how many such models are trained side by side (`layers.Ensemble`).
        spelling: whether a linear model of the words' character n-grams is trained beside them, which answers with them
            (`layers.Committee`, `layers.NgramScores`).
    """
    if not isinstance(vocabulary, Vocabulary):
        raise InputError(
            f"tweet_classifier: it takes words, not {type(vocabulary).__name__}: set Recipe.features = None"
        )
    valence = d_vectors if lexicon else None
    flag = d_vectors + (3 if lexicon else 0)
    known = np.zeros((len(vocabulary), flag + 1), np.float32)
    if mode == "train":
        known = _known(vocabulary, load_vectors(vectors, d_vectors), lexicon and load_vectors(lexicon, 3))
    member = layers.masked_serial(
        layers.WordDropout(word_dropout, mode),
        layers.KnownAndLearned(known, n_learned, d_learned),
        layers.Negation(flag, valence, scores),
        layers.Convolutions(widths, filters),
        layers.MaskedMax(),
        tl.Dropout(dropout, mode=mode),
        tl.Dense(n_classes),
        tl.LogSoftmax(),
    )
    model = member if members == 1 else tl.Serial(layers.Ensemble(member, members, mode))
    return tl.Serial(layers.Committee([model, _speller(vocabulary, n_classes, mode)], mode)) if spelling else model


def _speller(vocabulary: Vocabulary, n_classes: int, mode: str) -> tl.Serial:
    table = np.zeros((len(vocabulary), _MOST_NGRAMS), np.uint16)
    if mode == "train":
        table = ngram_table(vocabulary, _NGRAM_LENGTHS, _MOST_NGRAMS, _N_NGRAMS)
    return tl.Serial(layers.NgramScores(table, _N_NGRAMS, n_classes), tl.LogSoftmax())


def _known(vocabulary: Vocabulary, vectors: WordVectors, lexicon: WordVectors | None) -> np.ndarray:
    """Returns <float32>[len(vocabulary), d] what is known of each entry."""
    known, _ = vectors.matrix_for(vocabulary)
    if lexicon is None:
        return np.hstack([known, _flags(vocabulary)])
    from sentiment.vectors.nearby_ratings import with_guesses  # of scikit-learn, which takes a second to import

    ratings = with_guesses(lexicon.matrix_for(vocabulary)[0], known, lexicon, vectors)
    return np.hstack([known, ratings, _flags(vocabulary)])


def _flags(vocabulary: Vocabulary) -> np.ndarray:
    """Returns <float32>[len(vocabulary), 1], 1 where an entry is a negation."""
    return np.array([[token in _negations()] for token in vocabulary.tokens], np.float32)


@functools.cache
def _negations() -> frozenset[str]:
    return frozenset(shipped_lines("negations.txt"))
