"""Serves a run over HTTP, with a page to try it on."""

from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.storage.runs import latest_run


def main(
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest in runs/.")] = None,
    host: Annotated[str, Option(help="Address to listen on; 0.0.0.0: all.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, help="0: any free one.")] = 8000,
    workers: Annotated[int, Option(min=1, help="Processes that share the port.")] = 1,
    precision: Annotated[
        float | None, Option(help="Abstain where answers were less often right: 0.8, 0.9, 0.95 or 0.99.")
    ] = None,
    cors: Annotated[
        list[str] | None,
        Option(
            metavar="ORIGIN", help="Let scripts of another host's pages ask: https://example.org; *: all. Repeatable."
        ),
    ] = None,
    api_key: Annotated[
        Path | None,
        Option(metavar="FILE", help="Answer those alone who send one of its lines as `Authorization: Bearer KEY`."),
    ] = None,
    tls_cert: Annotated[Path | None, Option(metavar="FILE", help="Serve https with this certificate, PEM.")] = None,
    tls_key: Annotated[
        Path | None, Option(metavar="FILE", help="Its private key, PEM; by default in the same file.")
    ] = None,
) -> None:
    """Serve a run over HTTP: a page at /, POST /v1/predict, /v1/model, /healthz, /metrics, /openapi.json."""
    from sentiment.serving.access import read_access
    from sentiment.serving.server import serve

    access = read_access(cors or [], api_key, tls_cert, tls_key)
    serve(run_directory or latest_run().path, host, port, workers, precision, access)
