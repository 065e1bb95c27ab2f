"""Times one peer: `python -m benchmarks.peers.run LINE TWEETS` prints one JSON object.

The first `train()` warms up (compiles) and isn't counted. Printed are examples a second, the processor time of all
threads in microseconds an example, validation accuracy and peak memory in megabytes.
"""

import importlib
import json
import resource
import statistics
import sys
import time
from pathlib import Path

from benchmarks.peers import LINES
from benchmarks.peers.tweets import Tweets

_SECONDS, _GOES = 1.0, 3


def main(name: str, tweets: str) -> None:
    line = LINES[name]
    peer = importlib.import_module(line.module).Peer(Tweets.load(Path(tweets)), **line.settings)
    rate, cost = measure(peer)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": rate, "cpu": cost, "accuracy": peer.accuracy(), "megabytes": megabytes}))


def measure(peer) -> tuple[float, float]:
    """Returns a peer's examples a second and its processor microseconds an example, medians of three goes or more."""
    peer.train()
    rates, costs, began = [], [], time.perf_counter()
    while len(rates) < _GOES or time.perf_counter() - began < _SECONDS:
        started, used = time.perf_counter(), time.process_time()
        examples = peer.train()
        rates.append(examples / (time.perf_counter() - started))
        costs.append(1e6 * (time.process_time() - used) / examples)
    return statistics.median(rates), statistics.median(costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
