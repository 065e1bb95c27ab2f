"""Errors as problem details (RFC 9457), application/problem+json: the one form in which the service tells them."""

import http
import logging
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from sentiment.serving.schemas import FieldError, Problem

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(self, status: int, kind: str, detail: str, errors: Sequence[FieldError] = ()):
        super().__init__(detail)
        self.status, self.kind, self.detail, self.errors = status, kind, detail, list(errors) or None


def problem_json(status: int, kind: str, detail: str, errors: Sequence[FieldError] | None = None) -> bytes:
    """Returns the body of a problem; `kind` is the last part of its type, such as "too-large"."""
    title = kind.replace("-", " ").capitalize()
    problem = Problem(
        type=f"urn:problem-type:sentiment:{kind}", title=title, status=status, detail=detail, errors=errors
    )
    return problem.model_dump_json(exclude_none=True).encode()


def responses(*statuses: int) -> dict[int, dict]:
    """Returns what an OpenAPI operation says of the problems that it may end with."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema(ref_template="#/components/schemas/{model}")}}
    return {status: {"description": http.HTTPStatus(status).phrase, "content": content} for status in statuses}


def tell_problems(app: FastAPI) -> None:
    """Makes every error of `app` a problem: its own, those of the routing, and bugs, which are logged."""
    app.add_exception_handler(ProblemError, _told)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(Exception, _bug)


async def _told(request: Request, error: ProblemError) -> Response:
    headers = {"retry-after": "1"} if error.status == 503 else None
    return _response(error.status, error.kind, error.detail, error.errors, headers)


async def _of_routing(request: Request, error: HTTPException) -> Response:
    kind = http.HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    detail = f"{request.method} {request.url.path}: {error.detail}; /openapi.json lists what there is"
    return _response(error.status_code, kind, detail, headers=error.headers)


async def _bug(request: Request, error: Exception) -> Response:
    logging.getLogger(__name__).error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _response(500, "internal-error", "A bug in the service; its log has the details")


def _response(status, kind, detail, errors=None, headers=None) -> Response:
    return Response(problem_json(status, kind, detail, errors), status, headers, MEDIA_TYPE)
