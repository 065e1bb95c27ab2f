"""scikit-learn's linear classifier on TF-IDF of the same tokens, vectorising included."""

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from benchmarks.peers.tweets import Tweets


class Peer:
    """Logistic regression by stochastic gradient descent."""

    def __init__(self, tweets: Tweets, epochs: int = 50):
        self._tweets, self._epochs = tweets, epochs

    def train(self) -> int:
        self._vectorizer = TfidfVectorizer(analyzer=list)
        features = self._vectorizer.fit_transform(self._tweets.train)
        self._classifier = SGDClassifier(loss="log_loss", max_iter=self._epochs, tol=None, random_state=0)
        self._classifier.fit(features, self._tweets.train_labels)
        return self._epochs * len(self._tweets.train)

    def accuracy(self) -> float:
        features = self._vectorizer.transform(self._tweets.validation)
        return float(self._classifier.score(features, self._tweets.validation_labels))
