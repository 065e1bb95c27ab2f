"""How many examples a second memory would allow, if a step did nothing but read and write the rows that it must."""

import statistics
import time

import numpy as np

from benchmarks.peers.tweets import D, Tweets

_BYTES = 1 << 28


def limit(tweets: Tweets, batch_size: int) -> tuple[float, float, float]:
    """Returns (examples/s, different rows in a batch, measured GB/s) of row-wise Adagrad.

    A row of the table and its accumulator are read and written once; the batch itself is 1% of that. The bandwidth is
    that of copying arrays far larger than any cache with one thread, bytes read and written together; a table that
    lies in a cache, as this one of 9 MB may, allows more.
    """
    batches = tweets.batches(batch_size)
    rows = statistics.mean(len(np.unique(batches.batch(step).inputs)) for step in range(100))
    speed = _bandwidth()
    return batch_size * speed / (2 * rows * (D + 1) * 4), rows, speed / 1e9


def _bandwidth() -> float:
    source, target = np.ones(_BYTES, np.uint8), np.ones(_BYTES, np.uint8)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        np.copyto(target, source)
        times.append(time.perf_counter() - began)
    return 2 * _BYTES / min(times)
