"""Errors as problem details (RFC 9457), application/problem+json: the one form in which the service tells them."""

import http
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentiment.serving.schemas import FieldError, Problem

MEDIA_TYPE = "application/problem+json"
CLIENT_LEFT = 499  # nginx's status for it: nobody reads the answer, but the log and the metrics count it
_LONGEST_DETAIL = 1000  # bytes of another's text
_LOG = logging.getLogger("uvicorn.error")  # the service's one log, which uvicorn sets up


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        reading: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.errors, self.reading, self.headers = list(errors), reading, headers


def problem(
    status: int,
    kind: str,
    detail: str,
    errors: Sequence[FieldError] = (),
    reading: Mapping[str, str] | None = None,
) -> Problem:
    """Returns a problem; `kind` is the last part of its type, such as "too-large"."""
    return Problem(
        type=f"urn:problem-type:sentiment:{kind}",
        title=kind.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        errors=list(errors) or None,
        reading=dict(reading or {}) or None,
    )


def problem_json(status: int, kind: str, detail: str, *parts: Any) -> bytes:
    """Returns the body of a problem, as JSON. Arguments are those of `problem`."""
    return problem(status, kind, detail, *parts).model_dump_json(exclude_none=True).encode()


def responses(*statuses: int, guards: Sequence[object] = ()) -> dict[int | str, dict[str, Any]]:
    """Returns what an OpenAPI operation says of the problems that it may end with; with `guards` 401 is among them."""
    if guards:
        statuses = (401, *statuses)
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema(ref_template="#/components/schemas/{model}")}}
    return {status: {"description": http.HTTPStatus(status).phrase, "content": content} for status in statuses}


def tell_problems(app: FastAPI) -> None:
    """Makes every error of `app` a problem: its own, those of the routing, and bugs.

    A client that leaves while it sends is one line in the log. So is a bug, before uvicorn's traceback of it.
    """
    app.add_exception_handler(ProblemError, _own)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(RequestValidationError, _of_parameters)
    app.add_exception_handler(ClientDisconnect, _client_left)
    app.add_exception_handler(Exception, _bug)


class ProblemsOfLibraries:
    """ASGI middleware: makes a problem of an error that isn't one yet, such as a middleware's own plain text."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        start: Message | None = None  # of an answer that is replaced
        text = b""

        async def replaced(message: Message) -> None:
            nonlocal start, text
            if message["type"] == "http.response.start" and _is_plain_error(message):
                start = message
            elif start is None:
                await send(message)
            else:
                text = (text + message.get("body", b""))[:_LONGEST_DETAIL]
                if not message.get("more_body", False):
                    detail = text.decode("utf-8", "replace").strip() or http.HTTPStatus(start["status"]).phrase
                    detail = f"{scope['method']} {scope['path']}: {detail}"
                    headers = {
                        name.decode("latin-1"): value.decode("latin-1")
                        for name, value in start["headers"]
                        if name.lower() not in (b"content-type", b"content-length")
                    }
                    await _response(start["status"], _kind(start["status"]), detail, headers)(scope, receive, send)

        await self._app(scope, receive, replaced if scope["type"] == "http" else send)


def _is_plain_error(start: Message) -> bool:
    types = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] >= 400 and start["status"] != CLIENT_LEFT and types != [MEDIA_TYPE.encode()]


def _kind(status: int) -> str:
    return http.HTTPStatus(status).phrase.lower().replace(" ", "-")


# Starlette's type of a handler takes any Exception, and looks it up by its class.
async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    headers = {"retry-after": "1"} if error.status == 503 else error.headers
    body = problem_json(error.status, error.kind, error.detail, error.errors, error.reading)
    return Response(body, error.status, headers, MEDIA_TYPE)


async def _of_routing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path}: {error.detail}; /openapi.json lists what there is"
    return _response(error.status_code, _kind(error.status_code), detail, headers=error.headers)


async def _of_parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:10]]
    return _response(422, "invalid-request", f"{'; '.join(wrong)}; /openapi.json describes the parameters")


async def _client_left(request: Request, error: Exception) -> Response:
    _LOG.info("%s %s: the client left before it was answered", request.method, request.url.path)
    return Response(status_code=CLIENT_LEFT)


async def _bug(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return _response(500, "internal-error", "A bug in the service; its log has the details")


def _response(status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(problem_json(status, kind, detail), status, headers, MEDIA_TYPE)
