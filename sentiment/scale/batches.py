"""One function over many batches, on all cores of a Ray cluster."""

import collections
import functools
from collections.abc import Callable, Generator, Iterable
from typing import Any

import ray

from sentiment.errors import InputError
from sentiment.execution.compute import Batch, Result

_AHEAD = 3  # batches for each core that wait in the cluster


def map_batches(function: Callable[[Batch], Result], batches: Iterable[Batch]) -> Generator[Result, None, None]:
    """Yields `function(batch)` for each batch, in order, as `sentiment.execution.worker_processes.map_batches` does.

    Raises as `map_with`, and what it says of lost processes holds.
    """
    return map_with(ray.put(function), batches)


def map_with(function: ray.ObjectRef, batches: Iterable[Any], gpus: int = 0) -> Generator[Any, None, None]:
    """Yields what a function that the cluster holds makes of each batch, in order.

    A batch whose process or machine is lost is computed again, on another: `function` must give the same each time.

    Args:
        function: `ray.put` of it; goes to each process once, in however many calls.
        batches: are read ahead, a few for each core.
        gpus: that a process has to itself, beside a core.

    Raises:
        InputError: a batch's process was lost again and again, by a lack of memory for instance.
        BaseException: what the function raised.
    """
    shared = [function]  # in a list: an argument itself would be fetched anew for each task
    compute = ray.remote(_compute).options(num_cpus=1, num_gpus=gpus, max_retries=3)
    most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: collections.deque[Any] = collections.deque()
    for batch in batches:
        waiting.append(compute.remote(shared, batch))
        if len(waiting) > most:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _compute(shared: list[Any], batch: Any) -> Any:
    return _fetched(shared[0])(batch)


@functools.lru_cache(maxsize=1)
def _fetched(function: Any) -> Callable[[Any], Any]:
    return ray.get(function)


def _result(reference: Any) -> Any:
    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError) as error:
        raise InputError(
            "a process of the cluster was killed four times over the same work, by a lack of memory perhaps: give the "
            "same command again to go on where it was, on machines with more of it"
        ) from error
