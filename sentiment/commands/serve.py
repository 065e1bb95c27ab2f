"""Serves a run over HTTP, with a page to try it on."""

from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.run_directory import RunDirectory, latest_run


def main(
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest in runs/.")] = None,
    host: Annotated[str, Option(help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, help="0: any free one.")] = 8000,
    workers: Annotated[int, Option(min=1, help="Processes that share the port.")] = 1,
) -> None:
    """Serve a run over HTTP: a page at /, POST /v1/predict, /v1/model, /healthz, /metrics, /openapi.json."""
    from sentiment.serving.server import serve

    run = RunDirectory(run_directory) if run_directory else latest_run()
    run.facts()  # what is wrong with a run is told here, not by each worker
    serve(run.path, host, port, workers)
