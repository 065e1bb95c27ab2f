"""fastText's own program, on the same tokens: vectors of the same size, words alone, reading its file included."""

import tempfile
from pathlib import Path

import fasttext

from benchmarks.peers.tweets import D, Tweets


class Peer:
    """fastText's `train_supervised`."""

    def __init__(self, tweets: Tweets, threads: int, epochs: int = 50, rate: float = 0.5):
        self._tweets = tweets
        self._settings = {"thread": threads, "epoch": epochs, "lr": rate, "dim": D, "minCount": 1, "verbose": 0}
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "train.txt"
        rows = zip(tweets.train, tweets.train_labels, strict=True)
        self._file.write_text("".join(f"__label__{label} {' '.join(tokens)}\n" for tokens, label in rows), "utf-8")

    def train(self) -> int:
        self._model = fasttext.train_supervised(str(self._file), **self._settings)
        return self._settings["epoch"] * len(self._tweets.train)

    def accuracy(self) -> float:
        answers = self._model.predict([" ".join(tokens) for tokens in self._tweets.validation])[0]
        right = [int(label[0][-1]) == true for label, true in zip(answers, self._tweets.validation_labels, strict=True)]
        return sum(right) / len(right)
