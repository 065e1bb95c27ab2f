"""The route of whole files."""

import asyncio
import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.params import Depends
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from sentiment.corpora.readers import ReadOptions, columns_in
from sentiment.errors import InputError
from sentiment.serving.files.job import LARGER, Job, Refusal
from sentiment.serving.files.places import Places
from sentiment.serving.files.upload import FileAnswer, TooLargeError, receive_file
from sentiment.serving.metrics import Metrics
from sentiment.serving.micro_batches import Overloaded
from sentiment.serving.problems import ProblemError, responses
from sentiment.serving.schemas import MAX_FILE_BYTES, MAX_FILE_ROWS, FilePrediction, FileRequest

_MEDIA_TYPE = "application/octet-stream"
_BODY = {"required": True, "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}


def add_predict_file(
    app: FastAPI, run: Path, precision: float | None, metrics: Metrics, guards: Sequence[Depends] = ()
) -> None:
    """Adds the route that predicts files by a run.

    Args:
        app: the service.
        run, precision: as in `Predictor.load`.
        metrics: where labels are counted.
        guards: the route's dependencies.
    """
    places = Places()

    @app.post(
        "/v1/predict-file",
        response_model=FilePrediction,
        responses=responses(408, 413, 415, 422, 503, 507, guards=guards),
        dependencies=guards,
        openapi_extra={"requestBody": _BODY},
        summary="Predict every row of a file, as `sentiment predict --input` does",
    )
    async def predict_file(request: Request, asked: Annotated[FileRequest, Query()]) -> Response:
        reading = _reading(asked)
        _check_header(request)
        with _as_problems(), contextlib.ExitStack() as stack:
            stack.enter_context(places.entered())
            # Removed before the answer is sent: a client that has its answer finds nothing left of it.
            with tempfile.TemporaryDirectory(prefix="sentiment-file-") as folder:
                job = Job(
                    folder=folder,
                    name=asked.name[-60:],  # in bytes a name may have 255
                    run=str(run.resolve()),
                    precision=precision,
                    reading=dataclasses.asdict(reading),
                    probabilities=asked.probabilities,
                    no_formulas=asked.no_formulas,
                    max_rows=MAX_FILE_ROWS,
                )
                job.source.parent.mkdir()
                await receive_file(request.stream(), job.source, MAX_FILE_BYTES)
                await _unless_left(request, places, job)
                metrics.count_labels(json.loads(job.labels.read_bytes()))
                answer = job.answer.open("rb")
            return FileAnswer(answer, stack.pop_all())


@contextlib.contextmanager
def _as_problems() -> Iterator[None]:
    """Makes a problem of what may go wrong with a file."""
    try:
        yield
    except Overloaded as error:
        raise ProblemError(503, "overloaded", "Too many files wait already; try again in a minute") from error
    except TooLargeError as error:
        raise _too_large() from error
    except Refusal as refusal:
        raise ProblemError(refusal.status, refusal.kind, refusal.detail, reading=refusal.reading) from refusal
    except OSError as error:
        raise ProblemError(507, "disk-full", f"No file can be kept here ({error.strerror}); try later") from error


def _reading(asked: FileRequest) -> ReadOptions:
    said = asked.model_dump(exclude={"name", "text", "label", "probabilities", "no_formulas"})
    try:
        return ReadOptions(text=columns_in(asked.text), label=asked.label or None, **said)
    except InputError as error:
        raise ProblemError(422, "invalid-request", str(error)) from error


def _check_header(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        raise ProblemError(415, "no-file", f"Send the file's bytes as {_MEDIA_TYPE}, and say so in Content-Type")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        detail = "Send the file as it is, without Content-Encoding; a packed file (.gz, .zip) is sent as a file too"
        raise ProblemError(415, "encoded", detail)
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_FILE_BYTES:
        raise _too_large()


def _too_large() -> ProblemError:
    return ProblemError(413, "too-large", f"A file may have {MAX_FILE_BYTES >> 20:,} MiB: {LARGER}")


async def _unless_left(request: Request, places: Places, job: Job) -> None:
    """Predicts a file. Raises ClientDisconnect, and gives it up, once the client is gone; else as `Places.predict`."""
    work = asyncio.create_task(places.predict(job))
    left = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ClientDisconnect
        work.result()
    finally:
        work.cancel()
        left.cancel()
        await asyncio.wait({work, left})


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
