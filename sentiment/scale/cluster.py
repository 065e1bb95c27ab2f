"""A Ray cluster: machines on which somebody has started Ray, or the cores of this one."""

import contextlib
import logging
import os
import socket
import warnings
from collections.abc import Iterator
from typing import Any

from sentiment.errors import InputError
from sentiment.execution.child_environment import python_environment
from sentiment.execution.compute import Compute
from sentiment.execution.worker_processes import available_cores

LOCAL = "local"
_REACHABLE = 5.0  # seconds to connect; Ray itself would try for two minutes


@contextlib.contextmanager
def connected(address: str) -> Iterator[Compute]:
    """Connects this process with a Ray cluster for as long as the block runs; `ray` is to be used within it.

    Yields what computes on the cluster's cores, `batches.map_batches`.

    Ray's processes find the modules that this process finds; on other machines these lie in the same places, or are
    installed there.

    Args:
        address: HOST:PORT of the head, which `ray start --head` prints; "local": a cluster of this machine's cores,
            which ends with the block.

    Raises:
        InputError: the cluster can't be reached, or runs another version of Ray or of Python.
        ModuleNotFoundError: Ray isn't installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing phones home
    os.environ["RAY_DEDUP_LOGS"] = "0"  # else Ray hides lines that look alike, as those of training do
    import ray

    own: dict[str, Any] = {"num_cpus": available_cores(), "include_dashboard": False}
    where = own if address == LOCAL else {"address": _reached(address)}
    environment = {name: python_environment()[name] for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    try:
        with warnings.catch_warnings():
            # Where JAX is loaded it warns of forks; those by which Ray starts its processes become others at once.
            warnings.filterwarnings("ignore", r"os\.fork\(\) was called", RuntimeWarning)
            ray.init(**where, logging_level=logging.ERROR, runtime_env={"env_vars": environment})
    except (RuntimeError, ConnectionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"--ray {address}: {reason}: start Ray there with the versions of this environment") from error
    try:
        from sentiment.scale.batches import map_batches

        yield map_batches
    finally:
        ray.shutdown()


def _reached(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise InputError(f"--ray {address}: must be {LOCAL}, or the HOST:PORT that `ray start --head` prints")
    try:
        socket.create_connection((host, int(port)), _REACHABLE).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"--ray {address}: no Ray there ({error}): start it with `ray start --head`") from error
    return address
