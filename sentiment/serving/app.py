"""The service's routes."""

import functools
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Response, Security
from fastapi.params import Depends
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from prometheus_client import CONTENT_TYPE_LATEST

import sentiment
from sentiment.prediction.answers import Prediction
from sentiment.prediction.decisions import calibration_of
from sentiment.prediction.predictor import Predictor
from sentiment.serving.access import Access, ApiKeys, allow_origins
from sentiment.serving.files.route import add_predict_file
from sentiment.serving.headers import SecurityHeaders
from sentiment.serving.metrics import Measured, Metrics
from sentiment.serving.micro_batches import MicroBatches
from sentiment.serving.predict import Asked, add_predict, predict_asked
from sentiment.serving.problems import ProblemError, ProblemsOfLibraries, responses, tell_problems
from sentiment.serving.schemas import MAX_TEXTS, Health, ModelCard
from sentiment.storage.run_directory import RunDirectory

_PAGE = Path(__file__).parent / "page"


def load_app(run: Path, precision: float | None = None, access: Access = Access()) -> FastAPI:  # noqa: B008 - frozen
    """Returns the service that answers for a run. Other arguments and the errors are those of `Predictor.load`."""
    metrics = Metrics()
    predictor = Predictor.load(run, precision=precision)
    predictor(["warm up"], explain=True)  # no request pays for what is made at the first use

    def predict(asked: Sequence[Asked], explain: bool) -> list[Prediction]:
        predictions = predict_asked(predictor, asked, explain)
        metrics.count_predictions(predictions)
        return predictions

    plain = MicroBatches(functools.partial(predict, explain=False))
    explained = MicroBatches(functools.partial(predict, explain=True), max_batch=16, max_waiting=MAX_TEXTS)
    app = create_app(plain, explained, read_card(RunDirectory(run), precision), metrics, access)
    add_predict_file(app, run, precision, metrics, _guards(access))
    return app


def create_app(
    plain: MicroBatches[Asked, Prediction],
    explained: MicroBatches[Asked, Prediction],
    card: ModelCard,
    metrics: Metrics,
    access: Access = Access(),  # noqa: B008 - frozen
) -> FastAPI:
    """Returns the service that answers by `plain`, or by `explained` where attributions are asked for.

    They have a thread each: a plain prediction doesn't wait for an explanation, which costs many times as much.
    """
    guards = _guards(access)
    app = FastAPI(
        title="sentiment",
        version=sentiment.__version__,
        description="Predicts the sentiment of texts. Errors are problem details (RFC 9457).",
        docs_url=None,  # both pages would load scripts from elsewhere
        redoc_url=None,
    )
    add_predict(app, plain, explained, card, guards)
    _add_facts(app, card, guards)
    _add_state(app, plain)
    _add_metrics(app, metrics, guards)
    _add_page(app)
    tell_problems(app)
    if access.origins:
        allow_origins(app, access.origins)
    app.add_middleware(ProblemsOfLibraries)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Measured, metrics=metrics)
    return app


def _guards(access: Access) -> list[Depends]:
    """Returns the dependencies of what isn't for everybody."""
    return [Security(ApiKeys(access.key_hashes))] if access.key_hashes else []


def _add_facts(app: FastAPI, card: ModelCard, guards: Sequence[Depends]) -> None:
    @app.get(
        "/v1/model",
        summary="What is known of the model that answers",
        dependencies=guards,
        responses=responses(guards=guards),
    )
    async def model() -> ModelCard:
        return card


def _add_state(app: FastAPI, batches: MicroBatches[Asked, Prediction]) -> None:
    @app.get("/healthz", summary="Whether the process lives")
    async def healthz() -> Health:
        return Health(status="alive")

    @app.get("/readyz", summary="Whether more requests should be sent here", responses=responses(503))
    async def readyz() -> Health:
        if batches.busy:
            raise ProblemError(503, "overloaded", "Half of what may wait for the model does so already")
        return Health(status="ready")


def _add_metrics(app: FastAPI, metrics: Metrics, guards: Sequence[Depends]) -> None:
    @app.get(
        "/metrics",
        summary="Metrics in Prometheus's text format",
        response_class=PlainTextResponse,
        dependencies=guards,
        responses=responses(guards=guards),
    )
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
        precisions=sorted(map(float, calibration_of(run).thresholds)),
        version=sentiment.__version__,
    )


def _published(corpus: dict[str, str]) -> dict[str, str]:
    # A file of the user's own has a path that is nobody else's business.
    if corpus.get("version") == "local file" or Path(corpus.get("source", "")).is_absolute():
        return {name: value for name, value in corpus.items() if name != "source"}
    return corpus
