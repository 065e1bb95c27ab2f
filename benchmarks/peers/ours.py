"""Our Loop: the whole of it but evaluations and checkpoints."""

import numpy as np

from benchmarks.peers.tweets import D, Tweets
from sentiment.models.classifiers import MeanClassifier
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.loop.loop import Loop
from sentiment.training.parallel.devices import begin_on_one_thread
from sentiment.trax_runtime import optimizers, tl, training


class Peer:
    """Our Loop on the masked mean."""

    def __init__(
        self,
        tweets: Tweets,
        optimizer: str,
        rate: float,
        lazy: bool = True,
        batch_size: int = 16,
        steps: int = 10_000,
        seed: int = 0,
    ):
        if lazy:
            begin_on_one_thread()
        self._tweets, self._steps, self._batch_size = tweets, steps, batch_size
        batches = tweets.batches(batch_size, seed)
        task = training.TrainTask(
            labeled_data=batches,
            loss_layer=tl.CrossEntropyLoss(),
            optimizer={"Adam": optimizers.Adam, "RowAdagrad": RowAdagrad}[optimizer](rate),
            sample_batch=batches.batch(0),
        )
        model = MeanClassifier(d_embedding=D).layers(tweets.vocabulary, n_classes=2)
        self.loop = Loop(model, task, checkpoint_at=_never, random_seed=seed, lazy=lazy)

    def train(self) -> int:
        self.loop.run(self._steps)
        np.asarray(self.loop.model.weights[-2][1])  # waits for the last step
        return self._steps * self._batch_size

    def accuracy(self) -> float:
        table, (weights, bias), _ = self.loop.model.weights
        return self._tweets.accuracy_of_mean(*map(np.asarray, (table, weights, bias)))


def _never(step: int) -> bool:
    return False
