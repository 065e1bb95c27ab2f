"""The route of texts: POST /v1/predict."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from fastapi.params import Depends
from pydantic import ValidationError

from sentiment.prediction.answers import Prediction
from sentiment.prediction.predictor import Predictor
from sentiment.serving.bodies import read_json_body
from sentiment.serving.micro_batches import MicroBatches, Overloaded
from sentiment.serving.problems import ProblemError, problem, responses
from sentiment.serving.schemas import (
    MAX_BODY_BYTES,
    MAX_CHARACTERS,
    MAX_EXPLAINED_CHARACTERS,
    FieldError,
    ModelCard,
    PredictRequest,
    PredictResponse,
    TextProblem,
)

_BODY = {"required": True, "content": {"application/json": {"schema": PredictRequest.model_json_schema()}}}


@dataclass(frozen=True)
class Asked:
    """A text, and the precision that is wanted of its answer; None: the one that the service was started with."""

    text: str
    precision: float | None = None

    def __len__(self) -> int:
        return len(self.text)


def predict_asked(predictor: Predictor, asked: Sequence[Asked], explain: bool) -> list[Prediction]:
    """Returns a prediction for each, in order; texts of one precision are predicted together."""
    found: dict[int, Prediction] = {}
    for wanted in {each.precision for each in asked}:
        places = [place for place, each in enumerate(asked) if each.precision == wanted]
        own = predictor if wanted is None else predictor.with_precision(wanted)
        found.update(zip(places, own([asked[place].text for place in places], explain), strict=True))
    return [found[place] for place in range(len(asked))]


def add_predict(
    app: FastAPI,
    plain: MicroBatches[Asked, Prediction],
    explained: MicroBatches[Asked, Prediction],
    card: ModelCard,
    guards: Sequence[Depends],
) -> None:
    """Adds the route; the arguments are those of `create_app`, and the dependencies of what isn't for everybody."""

    @app.post(
        "/v1/predict",
        response_model=PredictResponse,
        responses=responses(400, 408, 413, 415, 422, 503, guards=guards),
        openapi_extra={"requestBody": _BODY},
        dependencies=guards,
        summary="Predict the label of one text or many",
        description="The body may be packed by gzip, and say so in Content-Encoding; unpacked it has the same limits.",
    )
    async def predict(request: Request) -> Response:
        wanted = _parse(await read_json_body(request, MAX_BODY_BYTES))
        _check(wanted, card)
        batches = explained if wanted.explain else plain
        asked = [Asked(text, wanted.precision) for text in wanted.texts if not _is_long(text)]
        try:
            predictions = iter(await batches(asked))
        except Overloaded as error:
            raise ProblemError(503, "overloaded", "Too many texts wait already; try again in a second") from error
        except TimeoutError as error:
            raise ProblemError(503, "timed-out", f"No answer within {batches.timeout:.0f} s; try again") from error
        answers = [_long(text) if _is_long(text) else next(predictions) for text in wanted.texts]
        answer = PredictResponse.model_validate({"predictions": answers}, from_attributes=True)
        return Response(answer.model_dump_json(), media_type="application/json")


def _is_long(text: str) -> bool:
    return len(text) > MAX_CHARACTERS


def _long(text: str) -> TextProblem:
    return TextProblem(error=problem(422, "text-too-long", _says_long(text)))


def _says_long(text: str) -> str:
    return f"The text has {len(text):,} characters, and may have {MAX_CHARACTERS:,}; shorten or part it"


def _check(wanted: PredictRequest, card: ModelCard) -> None:
    """Raises ProblemError where nothing of what is wanted can be answered."""
    if wanted.precision is not None and wanted.precision not in card.precisions:
        known = ", ".join(map(str, card.precisions)) or "none"
        detail = f"The model has no thresholds for precision {wanted.precision:g}; it has {known}"
        raise _invalid([FieldError(pointer="#/precision", detail=detail)])
    if all(map(_is_long, wanted.texts)):
        raise _invalid(
            [FieldError(pointer=f"#/texts/{n}", detail=_says_long(text)) for n, text in enumerate(wanted.texts[:10])]
        )
    if wanted.explain and sum(len(text) for text in wanted.texts if not _is_long(text)) > MAX_EXPLAINED_CHARACTERS:
        detail = f"Texts to explain may have {MAX_EXPLAINED_CHARACTERS:,} characters in all"
        raise _invalid([FieldError(pointer="#/texts", detail=detail)])


def _parse(body: bytes) -> PredictRequest:
    try:
        return PredictRequest.model_validate_json(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
    if wrong[0]["type"] == "json_invalid":
        raise ProblemError(400, "invalid-json", f'{wrong[0]["msg"]}; send UTF-8 JSON such as {{"texts": ["..."]}}')
    raise _invalid(
        [
            FieldError(pointer="#" + "".join(f"/{part}" for part in each["loc"]), detail=each["msg"])
            for each in wrong[:10]
        ]
    )


def _invalid(errors: list[FieldError]) -> ProblemError:
    detail = f"{errors[0].pointer}: {errors[0].detail}; /openapi.json describes the body"
    return ProblemError(422, "invalid-request", detail, errors)
