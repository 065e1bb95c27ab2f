"""The default model: convolutions over what is known of each word and what training learns of it."""

from collections.abc import Sized
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment import layers
from sentiment.encoding.hashed_ngrams import ngram_table
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.models.convolution_settings import ConvolutionSettings
from sentiment.models.word_features import WordFeatures
from sentiment.trax_runtime import tl

_NGRAM_LENGTHS = range(2, 6)  # characters
_SENTIMENTS = 3  # classes: negative, neutral and positive
_MOST_NGRAMS, _N_NGRAMS = 24, 1 << 15  # of a word; of all, hashed: 5 MB for 100,000 words


@dataclass(frozen=True, kw_only=True)
class TweetClassifier(WordFeatures, ConvolutionSettings):
    """Kim's (2014) convolutions over tokens whose features are partly known before training: an `Architecture`.

    A negation turns round what follows it (`layers.Negation`, `layers.Opposites`).

    Attributes:
        n_learned: how many ids have a learned vector of their own; later ones share that of unknown tokens. The
            vocabulary's first entries should be what training texts hold (`vectors_vocabulary.training_first`).
        d_learned: size of a learned vector.
        word_dropout: share of the tokens that training makes unknown.
        scores: how many learned scores a negation turns round.
        opposites: whether a rated word that is negated is read as its opposite, and its negation as nothing; without a
            lexicon it changes nothing.
        dropout: share of the features that training sets to zero.
        members: how many such models are trained side by side (`layers.Ensemble`).
        spelling: whether a linear model of the words' character n-grams is trained beside them, which answers with them
            (`layers.Committee`, `layers.NgramScores`); "auto": where a text has one of four classes or more. Those are
            told by words alone, as topics are; of two or three, mostly sentiments, it would read "not bad" as bad.
    """

    n_learned: int = 10_000
    d_learned: int = 32
    word_dropout: float = 0.2
    scores: int = 16
    opposites: bool = False
    dropout: float = 0.5
    members: int = 1
    spelling: bool | Literal["auto"] = False

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says."""
        if not isinstance(encoder, Vocabulary):
            raise InputError(
                f"tweet_classifier: it needs words, not {type(encoder).__name__}: set Recipe.features = None"
            )
        member = self._member(encoder, n_classes, mode, several)
        model = member if self.members == 1 else tl.Serial(layers.Ensemble(member, self.members, mode))
        if not self.spells(n_classes, several):
            return model
        return tl.Serial(layers.Committee([model, _speller(encoder, n_classes, mode, several)], mode))

    def spells(self, n_classes: int, several: bool = False) -> bool:
        """Returns `spelling`, decided for so many classes, of which a text has one or several."""
        return n_classes > _SENTIMENTS and not several if self.spelling == "auto" else self.spelling

    def _member(self, vocabulary: Vocabulary, n_classes: int, mode: str, several: bool) -> tl.Serial:
        return layers.masked_serial(
            layers.WordDropout(self.word_dropout, mode),
            layers.KnownAndLearned(self._known(vocabulary, mode), self.n_learned, self.d_learned),
            self._negation(),
            *self._convolutions(),
            tl.Dropout(self.dropout, mode=mode),
            tl.Dense(n_classes),
            layers.answers(several),
        )

    def _negation(self) -> tl.Layer:
        if self.opposites and self._valence is not None:
            return layers.Opposites(self._flag, self._valence, self.scores)
        return layers.Negation(self._flag, self._valence, self.scores, clauses=self.clauses)


def _speller(vocabulary: Vocabulary, n_classes: int, mode: str, several: bool) -> tl.Serial:
    table = np.zeros((len(vocabulary), _MOST_NGRAMS), np.uint16)
    if mode == "train":
        table = ngram_table(vocabulary, _NGRAM_LENGTHS, _MOST_NGRAMS, _N_NGRAMS)
    return tl.Serial(layers.NgramScores(table, _N_NGRAMS, n_classes), layers.answers(several))
