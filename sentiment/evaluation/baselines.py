"""The simple ways that a model has to beat: the majority class, TF-IDF with logistic regression, VADER's lexicon."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sentiment.corpora.polarity import polarity
from sentiment.execution.worker_processes import map_texts
from sentiment.text.preprocessor import Preprocessor
from sentiment.training.tokenise import tokenise

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

MAJORITY, TFIDF, VADER = "majority class", "TF-IDF + logistic regression", "VADER's lexicon"
CHARACTER_TFIDF = "TF-IDF of character n-grams + logistic regression"
# How texts become words for what the models are compared with: with all the help that the default has.
WORDS = Preprocessor(
    stop_words="keep", users="token", urls="token", hashtags="split", apostrophes="straighten", idioms="join"
)
_FOLDS = 3


def fit_baselines(
    label_names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray, any_language: bool = False
) -> dict:
    """Returns each baseline by name, fitted where it can be to a model's own training rows.

    VADER's lexicon is there only if the labels are sentiments, in English.

    Args:
        label_names: the classes, in the order of a model's outputs.
        texts: n training texts.
        labels: <int>[n] their classes.
        any_language: whether the texts may be of any language: TF-IDF then goes by their characters.
    """
    majority = Majority(label_names, labels)
    if any_language:
        return {MAJORITY: majority, CHARACTER_TFIDF: CharacterTfidfLogistic(label_names, texts, labels)}
    found = {MAJORITY: majority, TFIDF: TfidfLogistic(label_names, texts, labels)}
    if {-1, 1} <= {polarity(name) for name in label_names}:
        found[VADER] = VaderLexicon(label_names, majority)
    return found


class Majority:
    """Answers with the classes' shares in training, whatever the text."""

    def __init__(self, label_names: tuple[str, ...], labels: np.ndarray):
        self.label_names = label_names
        self._shares = np.bincount(labels, minlength=len(label_names)) / len(labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_classes]: the same for every text."""
        return np.tile(self._shares, (len(texts), 1))


class TfidfLogistic:
    """Words weighted by TF-IDF, and scikit-learn's logistic regression on them.

    The words are `Preprocessor`'s, stemmed, stop words, emoticons and emoji included: of scikit-learn's words and ours,
    with and without stems and pairs, the best in cross-validation on the training rows of `vader`. C is chosen among 1,
    10 and 30 by cross-validation on the training rows, and 10 where a class has fewer than three.
    """

    def __init__(self, label_names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline

        self.label_names = label_names
        features = TfidfVectorizer(analyzer=list)
        model = LogisticRegression(C=10, max_iter=1000)
        if np.unique(labels, return_counts=True)[1].min() >= _FOLDS:
            model = GridSearchCV(model, {"C": [1, 10, 30]}, cv=_FOLDS)
        self._model = make_pipeline(features, model).fit(tokenise(WORDS, texts), labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_classes]; a class that no training row has gets 0."""
        return _of_all_classes(self._model, tokenise(WORDS, texts), len(self.label_names))


class CharacterTfidfLogistic:
    """The texts' character n-grams weighted by TF-IDF, and scikit-learn's logistic regression on them.

    The n-grams are scikit-learn's own, of 1 to 4 characters of the raw text, those that two texts have; C is 10.
    """

    def __init__(self, label_names: tuple[str, ...], texts: Sequence[str], labels: np.ndarray):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self.label_names = label_names
        least = min(2, len(texts))
        features = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=least)
        self._model = make_pipeline(features, LogisticRegression(C=10, max_iter=1000)).fit(texts, labels)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_classes]; a class that no training row has gets 0."""
        return _of_all_classes(self._model, texts, len(self.label_names))


def _of_all_classes(model: "Pipeline", texts: Sequence[str] | Sequence[Sequence[str]], n_classes: int) -> np.ndarray:
    found = np.zeros((len(texts), n_classes))
    found[:, model.classes_] = model.predict_proba(texts)
    return found


class VaderLexicon:
    """Hutto & Gilbert's rules and lexicon (2014), from the package vaderSentiment (MIT).

    It gives no probabilities: the class that it names gets 1. With a neutral class a compound score between -0.05 and
    0.05 is neutral, as its authors advise; without, only 0 is undecided, and the majority class is answered.
    """

    def __init__(self, label_names: tuple[str, ...], otherwise: Majority):
        self.label_names = label_names
        self._otherwise = otherwise
        self._class_of = {polarity(name): place for place, name in reversed(list(enumerate(label_names)))}

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n, n_classes] of 0 and 1."""
        compound = np.concatenate([np.empty(0), *map_texts(_compounds, texts, VADER)])
        width = 0.05 if 0 in self._class_of else 0.0
        sign = np.where(compound >= width, 1, -1) * (np.abs(compound) >= width) * (compound != 0)
        undecided = self._class_of.get(0, int(self._otherwise.probabilities([""]).argmax()))
        classes = np.select([sign > 0, sign < 0], [self._class_of[1], self._class_of[-1]], undecided)
        return np.eye(len(self.label_names))[classes]


def _compounds(texts: Sequence[str]) -> np.ndarray:
    return np.array([_analyzer().polarity_scores(text)["compound"] for text in texts])


@functools.cache
def _analyzer() -> "SentimentIntensityAnalyzer":
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()
