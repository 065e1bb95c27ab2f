"""How many files are predicted at a time: a small one never waits for a large one."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sentiment.serving.files.child import predict
from sentiment.serving.files.job import Job
from sentiment.serving.micro_batches import Overloaded

MAX_FILES = 8  # that come, wait, are predicted or sent back
MAX_WAIT = 120.0  # seconds
SMALL = 1 << 20  # bytes


class Places:
    """The places in which files are predicted: one for those of up to `SMALL` bytes, one for larger ones."""

    def __init__(self) -> None:
        self._small, self._large = asyncio.Semaphore(1), asyncio.Semaphore(1)
        self._n_files = 0
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="file")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Counts a file as long as it is here. Raises Overloaded where there are too many already."""
        if self._n_files >= MAX_FILES:
            raise Overloaded
        self._n_files += 1
        try:
            yield
        finally:
            self._n_files -= 1

    async def predict(self, job: Job) -> None:
        """Predicts a file when its turn comes, as `child.predict`; once cancelled, its process is killed.

        Raises:
            Overloaded: its turn doesn't come.
            Refusal: as `child.predict`.
        """
        place = self._small if job.source.stat().st_size <= SMALL else self._large
        try:
            async with asyncio.timeout(MAX_WAIT):
                await place.acquire()
        except TimeoutError as error:
            raise Overloaded from error
        stop = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(self._threads, predict, job, stop)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])  # its files are still being written
            work.exception()
            raise
        finally:
            place.release()
