"""PyTorch's EmbeddingBag: the notebook's model, batches of the same sampler, padded and on the device beforehand."""

import numpy as np
import torch

from benchmarks.peers.tweets import D, Tweets

_READY = 64  # different batches, taken in turn


class Peer:
    """`EmbeddingBag` (mean), `Linear`, cross-entropy; Adam over the whole table, or Adagrad over a batch's rows."""

    def __init__(self, tweets: Tweets, sparse: bool, rate: float, batch_size: int, steps: int, device: str):
        self._tweets, self._steps, self._batch_size = tweets, steps, batch_size
        self._device = torch.device(device)
        torch.manual_seed(0)
        bag = torch.nn.EmbeddingBag(len(tweets.vocabulary), D, mode="mean", sparse=sparse, padding_idx=0)
        self._model = torch.nn.Sequential(bag, torch.nn.Linear(D, 2)).to(self._device)
        optimizer = torch.optim.Adagrad if sparse else torch.optim.Adam
        self._optimizer = optimizer(self._model.parameters(), lr=rate)
        self._loss = torch.nn.CrossEntropyLoss()
        batches = tweets.batches(batch_size)
        ready = map(batches.batch, range(min(_READY, steps)))
        self._batches = [
            (self._on_device(batch.inputs), self._on_device(batch.targets.astype(np.int64))) for batch in ready
        ]

    def train(self) -> int:
        for step in range(self._steps):
            inputs, targets = self._batches[step % len(self._batches)]
            self._optimizer.zero_grad(set_to_none=True)
            self._loss(self._model(inputs), targets).backward()
            self._optimizer.step()
        if self._device.type == "cuda":
            torch.cuda.synchronize()
        return self._steps * self._batch_size

    def accuracy(self) -> float:
        bag, dense = self._model
        arrays = (bag.weight, dense.weight.T, dense.bias)
        return self._tweets.accuracy_of_mean(*(array.detach().cpu().numpy() for array in arrays))

    def _on_device(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(self._device)
