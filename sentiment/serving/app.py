"""The service's routes."""

import functools
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import ValidationError

import sentiment
from sentiment.prediction.predictor import Prediction, Predictor
from sentiment.serving.files.route import add_predict_file
from sentiment.serving.headers import SecurityHeaders
from sentiment.serving.metrics import Measured, Metrics
from sentiment.serving.micro_batches import MicroBatches, Overloaded
from sentiment.serving.problems import ProblemError, responses, tell_problems
from sentiment.serving.schemas import (
    MAX_BODY_BYTES,
    MAX_TEXTS,
    FieldError,
    Health,
    ModelCard,
    PredictRequest,
    PredictResponse,
)
from sentiment.storage.run_directory import RunDirectory

_PAGE = Path(__file__).parent / "page"
_BODY = {"required": True, "content": {"application/json": {"schema": PredictRequest.model_json_schema()}}}


def load_app(run: Path, precision: float | None = None) -> FastAPI:
    """Returns the service that answers for a run. Arguments and errors are those of `Predictor.load`."""
    metrics = Metrics()
    predictor = Predictor.load(run, precision=precision)
    predictor(["warm up"], explain=True)  # no request pays for what is made at the first use

    def predict(texts: Sequence[str], explain: bool) -> list[Prediction]:
        predictions = predictor(texts, explain)
        metrics.count_predictions(predictions)
        return predictions

    plain = MicroBatches(functools.partial(predict, explain=False))
    explained = MicroBatches(functools.partial(predict, explain=True), max_batch=16, max_waiting=MAX_TEXTS)
    app = create_app(plain, explained, read_card(RunDirectory(run), precision), metrics)
    add_predict_file(app, run, precision, metrics)
    return app


def create_app(
    plain: MicroBatches[Prediction], explained: MicroBatches[Prediction], card: ModelCard, metrics: Metrics
) -> FastAPI:
    """Returns the service that answers by `plain`, or by `explained` where attributions are asked for.

    They have a thread each: a plain prediction doesn't wait for an explanation, which costs many times as much.
    """
    app = FastAPI(
        title="sentiment",
        version=sentiment.__version__,
        description="Predicts the sentiment of texts. Errors are problem details (RFC 9457).",
        docs_url=None,  # both pages would load scripts from elsewhere
        redoc_url=None,
    )
    _add_predict(app, plain, explained)
    _add_facts(app, card)
    _add_state(app, plain, metrics)
    _add_page(app)
    tell_problems(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measured, metrics=metrics)
    return app


def _add_predict(app: FastAPI, plain: MicroBatches[Prediction], explained: MicroBatches[Prediction]) -> None:
    @app.post(
        "/v1/predict",
        response_model=PredictResponse,
        responses=responses(400, 408, 413, 415, 422, 503),
        openapi_extra={"requestBody": _BODY},
        summary="Predict the label of one text or many",
    )
    async def predict(request: Request) -> Response:
        asked = _parse(await _read(request))
        batches = explained if asked.explain else plain
        try:
            predictions = await batches(asked.texts)
        except Overloaded as error:
            raise ProblemError(503, "overloaded", "Too many texts wait already; try again in a second") from error
        except TimeoutError as error:
            raise ProblemError(503, "timed-out", f"No answer within {batches.timeout:.0f} s; try again") from error
        answer = PredictResponse.model_validate({"predictions": predictions}, from_attributes=True)
        return Response(answer.model_dump_json(), media_type="application/json")


def _add_facts(app: FastAPI, card: ModelCard) -> None:
    @app.get("/v1/model", summary="What is known of the model that answers")
    async def model() -> ModelCard:
        return card


def _add_state(app: FastAPI, batches: MicroBatches[Prediction], metrics: Metrics) -> None:
    @app.get("/healthz", summary="Whether the process lives")
    async def healthz() -> Health:
        return Health(status="alive")

    @app.get("/readyz", summary="Whether more requests should be sent here", responses=responses(503))
    async def readyz() -> Health:
        if batches.busy:
            raise ProblemError(503, "overloaded", "Half of what may wait for the model does so already")
        return Health(status="ready")

    @app.get("/metrics", summary="Metrics in Prometheus's text format", response_class=PlainTextResponse)
    async def scrape() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _add_page(app: FastAPI) -> None:
    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE / "index.html")

    app.mount("/page", StaticFiles(directory=_PAGE))


def read_card(run: RunDirectory, precision: float | None = None) -> ModelCard:
    """Returns what a run's files say of its model."""
    facts = run.facts()
    return ModelCard(
        name=run.path.resolve().name,
        labels=facts["label_names"],
        several=facts["task"] == "multilabel",
        preprocessor=facts["preprocessor"],
        corpus=_published(facts["corpus"]),
        metrics=run.measured(),
        precision=precision,
        version=sentiment.__version__,
    )


def _published(corpus: dict[str, str]) -> dict[str, str]:
    # A file of the user's own has a path that is nobody else's business.
    if corpus.get("version") == "local file" or Path(corpus.get("source", "")).is_absolute():
        return {name: value for name, value in corpus.items() if name != "source"}
    return corpus


async def _read(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(415, "not-json", "Send the body as application/json, and say so in Content-Type")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise ProblemError(415, "encoded", "Send the body as it is, without Content-Encoding: it is never unpacked")
    too_large = ProblemError(413, "too-large", f"A body may have {MAX_BODY_BYTES:,} bytes; send the texts in parts")
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_large
    return bytes(body)


def _parse(body: bytes) -> PredictRequest:
    try:
        return PredictRequest.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
    if wrong[0]["type"] == "json_invalid":
        raise ProblemError(400, "invalid-json", f'{wrong[0]["msg"]}; send UTF-8 JSON such as {{"texts": ["..."]}}')
    errors = [
        FieldError(pointer="#" + "".join(f"/{part}" for part in each["loc"]), detail=each["msg"]) for each in wrong[:10]
    ]
    detail = f"{errors[0].pointer}: {errors[0].detail}; /openapi.json describes the body"
    raise ProblemError(422, "invalid-request", detail, errors)
