"""Trax's own Loop, under our runtime, which mends it but doesn't change its speed; without evaluations and checkpoints.

With `own_batches` the notebook's generator feeds it, which tokenises and stems tweets anew for each batch and pads to
the longest; else it gets the batches that our Loop gets. (cold_start.py runs the notebook on plain Trax.)
"""

import contextlib
import os
from pathlib import Path

import numpy as np

from benchmarks.notebook_generator import batches, read_tweets
from benchmarks.peers.tweets import D, Tweets
from sentiment.models.classifiers import MeanClassifier, NotebookClassifier
from sentiment.trax_runtime import optimizers, tl, training

_STEPS = 100
_WARM_UP = 250  # until most lengths have come up


class Peer:
    """Trax's Loop."""

    def __init__(self, tweets: Tweets, own_batches: bool = False):
        self._tweets, self._warm = tweets, False
        ids = {token: number for number, token in enumerate(tweets.vocabulary.tokens)}
        if own_batches:
            stream = batches([part[:4000] for part in read_tweets()], 16, ids, loop=True, shuffle=True)
            model = NotebookClassifier(d_embedding=D).layers(tweets.vocabulary, n_classes=2)
        else:
            ready = tweets.batches(16)
            stream = map(ready.batch, iter(range(10**9)))
            model = MeanClassifier(d_embedding=D).layers(tweets.vocabulary, n_classes=2)
        task = training.TrainTask(
            labeled_data=stream,
            loss_layer=tl.CrossEntropyLoss(),
            optimizer=optimizers.Adam(0.01),
            n_steps_per_checkpoint=10**9,
        )
        self._loop = training.Loop(model, task, checkpoint_at=_never, random_seed=0)

    def train(self) -> int:
        steps, self._warm = (_STEPS if self._warm else _WARM_UP), True
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            self._loop.run(steps)
        return steps * 16

    def accuracy(self) -> float:
        table, *_, (weights, bias), _ = self._loop.model.weights
        return self._tweets.accuracy_of_mean(*map(np.asarray, (table, weights, bias)))


def _never(step: int) -> bool:
    return False
