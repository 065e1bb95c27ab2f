"""Times one peer: `python -m benchmarks.peers.run LINE TWEETS` prints one JSON object.

The first `train()` warms up (compiles what there is to compile) and isn't counted.
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
    peer.train()
    rates, began = [], time.perf_counter()
    while len(rates) < _GOES or time.perf_counter() - began < _SECONDS:
        started = time.perf_counter()
        examples = peer.train()
        rates.append(examples / (time.perf_counter() - started))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rate": statistics.median(rates), "accuracy": peer.accuracy(), "megabytes": megabytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
