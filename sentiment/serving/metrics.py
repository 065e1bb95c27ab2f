"""What Prometheus scrapes at /metrics; with several workers, any of them answers for all (multiprocess mode)."""

import os
import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentiment.prediction.answers import MultilabelPrediction, Prediction

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """The service's counters, in a registry of their own."""

    def __init__(self) -> None:
        own = self._own = CollectorRegistry()
        self.requests = Counter("http_requests", "Requests answered.", ["method", "route", "status"], registry=own)
        self.seconds = Histogram(
            "http_request_duration_seconds", "Time to answer.", ["route"], buckets=SECONDS, registry=own
        )
        self.batches = Histogram(
            "sentiment_batch_texts", "Texts predicted together.", buckets=[2**n for n in range(11)], registry=own
        )
        self.predictions = Counter("sentiment_predictions", "Texts predicted.", ["label"], registry=own)
        self.tokens = Counter("sentiment_tokens", "Tokens of the texts.", registry=own)
        self.unknown = Counter("sentiment_unknown_tokens", "Tokens that the model has never seen.", registry=own)

    def count_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Counts what was predicted in one batch; a text with several labels counts for each."""
        self.batches.observe(len(predictions))
        for prediction in predictions:
            for label in prediction.labels if isinstance(prediction, MultilabelPrediction) else [prediction.label]:
                self.predictions.labels(label).inc()
        self.tokens.inc(sum(prediction.n_tokens for prediction in predictions))
        self.unknown.inc(sum(len(prediction.unknown) for prediction in predictions))

    def count_labels(self, labels: Mapping[str, int]) -> None:
        """Counts how often each label was given in a file."""
        for label, count in labels.items():
            self.predictions.labels(label).inc(count)

    def text(self) -> bytes:
        """Returns all metrics in Prometheus's text format, summed over the workers where there are several."""
        registry = self._own
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry)


class Measured:
    """ASGI middleware: counts and times every request by its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics):
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and counts its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.requests.labels(_known_method(scope["method"]), route, status).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - start)


def _known_method(method: str) -> str:
    # A label's values must be few: a client may send any word as a method.
    return method if method in ("GET", "HEAD", "POST") else "other"
