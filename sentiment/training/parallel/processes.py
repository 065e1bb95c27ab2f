"""Several processes, on one machine or many, that train together: how they meet, agree, and part when one fails."""

import atexit
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils

from sentiment.errors import EXIT_BAD_INPUT, EXIT_SIGNAL, InputError, Interrupted

WAIT = 300.0  # seconds for all processes to come
HEARTBEAT = 30  # seconds of silence after which a process is taken for dead, and jax ends all others
DETECTED = "auto"
_LOST = ("gloo", "nccl", "coordination", "unavailable")  # in what jax says when another process has gone


@contextlib.contextmanager
def joined(coordinator: str, processes: int | None, process: int | None, wait: float = WAIT) -> Iterator[None]:
    """Joins the processes that train together, for as long as the block runs, which should hold all use of jax.

    In all processes but the first nothing that is printed reaches standard output. One that fails leaves at once, and
    with it fail the others: on CPUs when they next exchange gradients, else `HEARTBEAT` seconds later.

    Args:
        coordinator: host:port of the first process, on which that will listen; "auto": what Slurm, Open MPI,
            Kubernetes or a TPU pod says, where one of them started this process; "": there are no other processes.
        processes: how many there are.
        process: which this is, 0 to `processes` - 1.
        wait: seconds for all of them to come.

    Raises:
        InputError: two of the three are given, or don't fit; another process has ended while the block ran.
    """
    if not coordinator and processes is None and process is None:
        yield
        return
    _meet(coordinator, processes, process, wait)
    if not is_first():
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    stopped = None
    try:
        try:
            yield
        except Interrupted as interrupted:  # all processes have agreed to it
            stopped = interrupted
        multihost_utils.sync_global_devices("done")  # however long the first process takes to write the run
    except BaseException as error:
        _leave_at_exit(error)
        if _is_loss(error):
            raise InputError(
                f"another process has ended, or can't be reached ({str(error).splitlines()[0]}): see what it said, "
                f"then start all of them again; the run goes on from its last checkpoint"
            ) from error
        raise
    jax.distributed.shutdown()
    if stopped:
        raise stopped


def is_first() -> bool:
    """Returns whether this process writes the run directory, checkpoints, events and standard output."""
    return jax.process_index() == 0


def from_first(function: Callable[[], object]):
    """Returns what a function returns in the first process, the only one that calls it; a JSON value.

    Raises:
        InputError: what the function raised, in every process.
        OSError: likewise, in the first process; in the others that is an InputError.
    """
    if jax.process_count() == 1:
        return function()
    answer, raised = {}, None
    if is_first():
        try:
            answer = {"value": function()}
        except (InputError, OSError) as error:
            answer, raised = {"error": str(error)}, error
    answer = json.loads(bytes_from_first(json.dumps(answer).encode()))
    if "error" in answer:
        jax.distributed.shutdown()  # all fail, and need not wait for each other
        raise raised or InputError(f"process 0: {answer['error']}")
    return answer["value"]


def bytes_from_first(data: bytes) -> bytes:
    """Returns the first process's bytes; what the others give isn't looked at."""
    size = multihost_utils.broadcast_one_to_all(np.array(divmod(len(data), 2**30), np.int32))
    given = np.frombuffer(data, np.uint8) if is_first() else np.zeros(int(size[0]) * 2**30 + int(size[1]), np.uint8)
    return np.asarray(multihost_utils.broadcast_one_to_all(given)).tobytes()


def any_of(*flags: bool) -> tuple[bool, ...]:
    """Returns for each flag whether it is set in any process; all must ask, and at the same step."""
    if jax.process_count() == 1:
        return flags
    return tuple(multihost_utils.process_allgather(np.array(flags)).any(axis=0).tolist())


def check_alike(digest: bytes, what: str) -> None:
    """Refuses to go on where a process's digest differs from the first's. Raises InputError, in every process."""
    if jax.process_count() == 1:
        return
    digests = multihost_utils.process_allgather(np.frombuffer(digest, np.uint8))
    others = np.flatnonzero((digests != digests[0]).any(axis=1))
    if len(others):
        jax.distributed.shutdown()
        raise InputError(f"process {others[0]}: other {what} than process 0's; start all processes alike")


def _meet(coordinator: str, processes: int | None, process: int | None, wait: float) -> None:
    given: dict[str, Any] = {}
    if coordinator != DETECTED:
        if not coordinator or processes is None or process is None:
            raise InputError("several processes: give --coordinator HOST:PORT, --processes and --process, all three")
        if not coordinator.rpartition(":")[2].isdecimal() or not 0 <= process < processes:
            raise InputError(
                f"--coordinator {coordinator} --processes {processes} --process {process}: must be HOST:PORT, how many "
                f"there are, and which this is, counted from 0"
            )
        given = {"coordinator_address": coordinator, "num_processes": processes, "process_id": process}
        given["cluster_detection_method"] = "deactivate"
    message = f"{coordinator}: not all processes have come within {wait:.0f} s; start all of them with the same address"
    with _given_up_after(wait, f"{message} and number"):
        try:
            # If it gave up itself, jax would abort with the stack of its C++. So it does when the first process dies:
            # no callback of ours can take its place, for jaxlib 0.10.2 fails to hand it the status (std::bad_cast).
            jax.distributed.initialize(
                **given, initialization_timeout=int(wait) + 60, heartbeat_timeout_seconds=HEARTBEAT
            )
        except (ValueError, RuntimeError) as error:
            raise InputError(f"--coordinator {coordinator}: {str(error).splitlines()[0]}") from error


@contextlib.contextmanager
def _given_up_after(seconds: float, message: str) -> Iterator[None]:
    # Nothing raised here would reach the main thread, which waits inside jax; nothing has been begun yet either.
    def give_up():
        print(f"error: {message}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(EXIT_BAD_INPUT)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _is_loss(error: BaseException) -> bool:
    from_jax = isinstance(error, jax.errors.JaxRuntimeError | ValueError) and not isinstance(error, InputError)
    return from_jax and any(word in str(error).lower() for word in _LOST)


def _leave_at_exit(error: BaseException) -> None:
    # At exit jax waits for the other processes, which may wait for this one: nobody would ever end.
    if isinstance(error, InputError | OSError) or _is_loss(error):
        status = EXIT_BAD_INPUT
    else:
        status = EXIT_SIGNAL + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1

    def leave():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)

    atexit.register(leave)  # runs before jax's own, which was registered earlier
