"""Sockets and workers: how the service starts and ends."""

import functools
import logging
import os
import socket
import tempfile
from pathlib import Path

import uvicorn
from uvicorn.supervisors import Multiprocess

from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.serving.app import load_app
from sentiment.serving.protocol import Protocol


def serve(
    run: Path, host: str = "127.0.0.1", port: int = 8000, workers: int = 1, precision: float | None = None
) -> None:
    """Answers for a run until SIGTERM or Ctrl-C; requests that have come by then are still answered.

    Several workers are processes that share the port. `precision` is as in `Predictor.load`.

    Raises:
        InputError: the run can't be loaded, the port can't be had.
    """
    Predictor.load(run, precision=precision)  # what is wrong with it is told here, once, not by each worker
    listening = _listen(host, port)
    config = uvicorn.Config(
        functools.partial(load_app, run, precision),
        factory=True,
        workers=workers,
        http=Protocol,
        ws="none",
        loop="uvloop",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )
    address = f"[{host}]" if ":" in host else host
    logging.getLogger("uvicorn.error").info("Serving %s at http://%s:%d", run, address, listening.getsockname()[1])
    if workers == 1:
        uvicorn.Server(config).run([listening])
        return
    with tempfile.TemporaryDirectory(prefix="sentiment-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # the workers inherit it
        Multiprocess(config, [listening]).run()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise InputError(f"{host}, port {port}: {error.strerror}; name another --host or --port") from error
    listening.set_inheritable(True)
    return listening
