"""Sockets and workers: how the service starts and ends."""

import functools
import gc
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.serving import metric_files
from sentiment.serving.access import Access
from sentiment.serving.app import load_app
from sentiment.serving.descriptors import raise_limit
from sentiment.serving.protocol import Protocol

# Of uvicorn: how connections are served.
SETTINGS: dict[str, Any] = {
    "http": Protocol,
    "ws": "none",
    "loop": "sentiment.serving.event_loop:new_loop",
    "server_header": False,
}
_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's name for it
_HUNG = 30  # seconds without a sign of life after which a worker is replaced; on a busy machine one starts for over 5


def serve(
    run: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int = 1,
    precision: float | None = None,
    access: Access = Access(),  # noqa: B008 - frozen
) -> None:
    """Answers for a run until SIGTERM or Ctrl-C, and then exits with code 0.

    Requests that have come by then are still answered; new connections are refused. Several workers are processes that
    share the port. `precision` is as in `Predictor.load`; `access` says who may ask.

    Raises:
        InputError: the run can't be loaded, the port can't be had.
        OSError: the disk has no room for the files of several workers' metrics.
    """
    Predictor.load(run, precision=precision)  # what is wrong with it is said here, once, not by each worker
    listening = _listen(host, port)
    raise_limit()
    config = uvicorn.Config(
        functools.partial(_load_in_worker if workers > 1 else load_to_stay, run, precision, access),
        factory=True,
        workers=workers,
        **SETTINGS,
        ssl_certfile=access.tls_cert,
        ssl_keyfile=access.tls_key,
        access_log=False,
        timeout_graceful_shutdown=30,
        timeout_worker_healthcheck=_HUNG,
    )
    address = f"[{host}]" if ":" in host else host
    url = f"{'https' if access.tls_cert else 'http'}://{address}:{listening.getsockname()[1]}"
    logging.getLogger("uvicorn.error").info("Serving %s at %s", run, url)
    if workers == 1:
        for each in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again once all is answered
            signal.signal(each, lambda *_: sys.exit(0))
        uvicorn.Server(config).run([listening])
        return
    with tempfile.TemporaryDirectory(prefix="sentiment-metrics-") as folder:
        metric_files.reserve(Path(folder), workers)
        os.environ[_METRICS] = folder  # the workers inherit it
        _Workers(config, [listening]).run()


class _Workers(Multiprocess):
    """uvicorn's workers, whose parent lets go of the port first: else the kernel accepts what nobody will answer."""

    def terminate_all(self) -> None:
        """Ends the workers; they answer what they have."""
        for each in self.sockets:
            each.close()
        super().terminate_all()


def _load_in_worker(run: Path, precision: float | None, access: Access) -> FastAPI:
    """Returns the service, in a process that ends as by SIGTERM when its parent dies, even of SIGKILL."""
    metric_files.take(Path(os.environ[_METRICS]))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=[parent.sentinel], daemon=True).start()
    return load_to_stay(run, precision, access)


def load_to_stay(run: Path, precision: float | None, access: Access) -> FastAPI:
    """Returns the service of a process that does nothing else; arguments and errors are those of `load_app`."""
    app = load_app(run, precision, access)
    gc.collect()
    gc.freeze()  # else a collection looks through all that is loaded, and every answer waits 20 ms and more for it
    return app


def _end_after(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(f"{host}, port {port}: {error.strerror}; name another --host or --port") from error
    listening.set_inheritable(True)
    return listening
