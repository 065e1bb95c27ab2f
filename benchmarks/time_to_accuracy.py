"""Seconds of training to a validation accuracy: ours and fastText with two threads, each at its best learning rate.

    python benchmarks/time_to_accuracy.py [--target 0.993]

After loading: programs are compiled and tables made before the clock starts, and from fastText's time that of a
training of no epochs is taken. Evaluations aren't counted. fastText looks only every 0.1 s whether it is done, so its
time by its own throughput is printed beside what the clock says.
"""

import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import jax
import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.peers import fasttext_library, ours  # noqa: E402
from benchmarks.peers.tweets import Tweets  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402

GOES, STEPS_BETWEEN, MOST_STEPS = 5, 5, 400


def main(target: Annotated[float, typer.Option(help="The validation accuracy to reach.")] = 0.993) -> None:
    """Time both to the same accuracy."""
    tweets = Tweets.tokenise()
    found = [_ours(tweets, size, rate, target) for size in (16, 32, 64) for rate in (0.02, 0.03, 0.05)]
    print(f"ours, lazy RowAdagrad: {min(found)[1]}")
    rivals = [
        _fasttext(tweets, rate, epochs, target) for rate in (0.25, 0.5, 1.0) for epochs in (1, 2, 3, 5, 8, 12, 20)
    ]
    reached = [rival for rival in rivals if rival]
    print(f"fastText, 2 threads: {min(reached)[1]}")
    print(f"ratio: {min(reached)[0] / min(found)[0]:.1f} x; {measured_here()}")


def _timed(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _ours(tweets: Tweets, batch_size: int, rate: float, target: float) -> tuple[float, str]:
    peer = ours.Peer(tweets, "RowAdagrad", rate, batch_size=batch_size, steps=STEPS_BETWEEN)
    loop, trainer = peer.loop, peer.loop._trainer_per_task[0]
    begin = jax.tree_util.tree_map(np.array, (loop.model.weights, trainer.slots))

    def train(steps: int) -> float:
        peer._steps = steps
        return _timed(peer.train)

    no_steps = replace(trainer.stack(trainer.prepare([peer.loop.tasks[0].labeled_data.batch(0)])), count=0)

    def reset() -> None:
        loop.update_weights_and_state(begin[0], loop.model.state)
        trainer.slots, loop._step = begin[1], 0
        trainer.many_steps(no_steps, trainer.keys(loop._rng, 0)[1], learning_rates=[])  # takes copies of them

    train(200)
    reset()
    steps = 0
    while peer.accuracy() < target and steps < MOST_STEPS:
        train(STEPS_BETWEEN)
        steps += STEPS_BETWEEN
    seconds = []
    for _ in range(GOES):
        reset()
        seconds.append(train(steps))
    shown = f"{1000 * statistics.median(seconds):.1f} ms, {steps} steps of {batch_size} at learning rate {rate}"
    return (statistics.median(seconds) if steps < MOST_STEPS else float("inf")), shown


def _fasttext(tweets: Tweets, rate: float, epochs: int, target: float) -> tuple[float, str] | None:
    peer, empty = (fasttext_library.Peer(tweets, 2, each, rate) for each in (epochs, 0))
    try:
        seconds = statistics.median(_timed(peer.train) for _ in range(3))
    except RuntimeError as error:
        print(f"fastText, learning rate {rate}, {epochs} epochs: {error}")  # at 1.0 it now and then comes to NaN
        return None
    if peer.accuracy() < target:
        return None
    loading = statistics.median(_timed(empty.train) for _ in range(3))
    long = fasttext_library.Peer(tweets, 2, 50, rate)
    by_rate = epochs * len(tweets.train) / (long.train() / _timed(long.train))
    shown = f"{1000 * by_rate:.1f} ms by its throughput, {1000 * (seconds - loading):.1f} ms by the clock"
    return by_rate, f"{shown}, {epochs} epochs at learning rate {rate}"


if __name__ == "__main__":
    typer.run(main)
