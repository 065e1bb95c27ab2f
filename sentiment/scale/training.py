"""One training in several processes of a Ray cluster, which are started again when one of them is lost."""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray

from sentiment.errors import InputError
from sentiment.training.loop.progress import Lines
from sentiment.training.request import TrainingRequest

_ROOM = 300.0  # seconds for the cluster to find room for all processes
_PARTING = 60.0  # seconds for the others to end after the first that did: more than JAX's own 30
_RESTARTS = 3
_LAST_LINES = 2.0  # seconds in which Ray brings what the processes printed last


def train_on_ray(training: TrainingRequest, workers: int, say: Callable[[str], None]) -> None:
    """Trains in so many processes of the connected cluster, each on a GPU of its own where the cluster has them.

    Where a process or its machine is lost, all of them are started again, and go on from the last checkpoint.

    Args:
        training: its run lies on storage that all machines share, as do files that it names.
        say: gets a line when that happens. What the processes print, Ray shows.

    Raises:
        InputError: what the training raised; the cluster has no room; processes were lost again and again.
    """
    for left in range(_RESTARTS, -1, -1):
        lost = _attempt(training, workers)
        if lost is None:
            time.sleep(_LAST_LINES)
            return
        if left:
            say(f"a process of the training was lost ({lost}): going on from the last checkpoint")
    raise InputError(
        f"processes of the training were lost {_RESTARTS + 1} times, the last time by this: {lost}: see what Ray's log "
        f"says of memory, then give the same command again, which goes on from the last checkpoint"
    )


def _attempt(training: TrainingRequest, workers: int) -> str | None:
    """Returns why a process was lost, or None where the training is done."""
    gpus = 1 if ray.cluster_resources().get("GPU", 0) >= workers else 0
    process: Any = ray.remote(_Process).options(num_cpus=1, num_gpus=gpus)
    group = [process.remote() for _ in range(workers)]
    try:
        coordinator = _placed(group)
        running = [
            each.train.remote(training, Path.cwd(), (coordinator, workers, place)) for place, each in enumerate(group)
        ]
        return _ended(running)
    finally:
        for each in group:
            ray.kill(each)


def _placed(group: list[Any]) -> str:
    """Waits until all processes have room; returns HOST:PORT of the first, where the others will meet it."""
    try:
        return ray.get([each.address.remote() for each in group], timeout=_ROOM)[0]
    except ray.exceptions.GetTimeoutError as error:
        raise InputError(
            f"--workers {len(group)}: the cluster has {ray.cluster_resources().get('CPU', 0):.0f} cores, and no room "
            f"for so many after {_ROOM:.0f} s: give fewer"
        ) from error


def _ended(running: list[Any]) -> str | None:
    """Waits for all, or for some seconds after the first that failed. Returns why one was lost; raises what one did."""
    raised, end = None, None
    while running:
        done, running = ray.wait(running, timeout=None if end is None else max(0.0, end - time.monotonic()))
        if not done:
            break
        try:
            ray.get(done[0])
            continue
        except ray.exceptions.RayActorError as error:
            return str(error).splitlines()[0]
        except ray.exceptions.RayTaskError as error:
            raised = raised or error.cause
        end = end or time.monotonic() + _PARTING
    if raised is not None:
        raise raised
    return "some didn't end after the others" if running else None


class _Process:
    """A process of the cluster, in which a part of the training runs."""

    def address(self) -> str:
        with socket.create_server(("", 0)) as free:  # for whoever asks next; the system gives others to others
            return f"{ray.util.get_node_ip_address()}:{free.getsockname()[1]}"

    def train(self, training: TrainingRequest, folder: Path, joining: tuple[str, int, int]) -> None:
        os.chdir(folder)  # where relative paths are looked for
        training.train(*joining, Lines())
