"""What the service takes and gives, and its limits: the OpenAPI document is made from these."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sentiment.prediction.calibration import PRECISIONS

MAX_BODY_BYTES = 1 << 20
MAX_TEXTS = 256
MAX_CHARACTERS = 5_000
MAX_EXPLAINED_CHARACTERS = 5_000  # of all texts: each token may cost a run of the model
MAX_FILE_BYTES = 32 << 20
MAX_FILE_ROWS = 250_000


def _as_known(precision: float | None) -> float | None:
    if precision is not None and precision not in PRECISIONS:
        raise ValueError(f"must be one of {', '.join(map(str, PRECISIONS))}")
    return precision


class PredictRequest(BaseModel):
    """One text or many."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"texts": ["what a day"]}]})

    texts: list[str] = Field(
        min_length=1,
        max_length=MAX_TEXTS,
        description="The texts, answered in this order. One of over "
        f"{MAX_CHARACTERS:,} characters has an error for an answer; where all are so long, the request has.",
    )
    explain: bool = Field(
        False,
        description="Adds attributions: what each token did for the label. "
        f"Of at most {MAX_EXPLAINED_CHARACTERS:,} characters in all.",
    )
    precision: Annotated[float | None, AfterValidator(_as_known)] = Field(
        None,
        description="Abstains where answers were less often right than this; null: as the service was started.",
        json_schema_extra={"enum": [*PRECISIONS, None]},
    )


class TokenAttribution(BaseModel):
    """A token's part in a prediction."""

    token: str = Field(description="As the model sees it.")
    score: float = Field(description="Added to the label's score, in nats; below 0: the token spoke against it.")
    known: bool = Field(description="Whether the model has seen it in training.")
    span: tuple[int, int] = Field(
        description="The characters of the text that it stands for, [start, end) in Unicode code points; ordered, but "
        "several tokens may stand for the same characters."
    )


class TextPrediction(BaseModel):
    """What the model says of one text."""

    label: str = Field(description="The most probable class.")
    probability: float = Field(description="Its probability.")
    probabilities: dict[str, float] = Field(description="Of every class; they sum to 1.")
    unknown: list[str] = Field(description="The tokens that the model has never seen.")
    n_tokens: int = Field(description="How many tokens the text has after preprocessing.")
    abstained: bool = Field(description="Whether the label is better not used.")
    reason: str = Field(description="Why it is better not used, in words; empty where it may be.")
    out_of_domain: float | None = Field(
        description="How likely there is nothing in it to judge, 0 to 1; above 0.5 it abstains. Null where the model "
        "can't tell."
    )
    attributions: list[TokenAttribution] | None = Field(description="Null unless asked for by `explain`.")


class TextLabels(TextPrediction):
    """What a model says of one text that may have several labels, or none."""

    label: str = Field(description="The most probable label, whether it is given or not.")
    probabilities: dict[str, float] = Field(description="Of every label, each by itself.")
    labels: list[str] = Field(description="Those that are given, the most probable first; there may be none.")
    by_label: dict[str, list[TokenAttribution]] | None = Field(
        description="What each token did for each of `labels`, or for `label` where there are none; or null."
    )


class FieldError(BaseModel):
    """One thing that is wrong with a request's body."""

    pointer: str = Field(description="Where: a JSON pointer (RFC 6901) as a URI fragment.")
    detail: str = Field(description="What.")


class Problem(BaseModel):
    """An error in the form of RFC 9457."""

    type: str = Field(description="Which kind of error: a URN that never changes.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, and what to do.")
    errors: list[FieldError] | None = Field(None, description="What is wrong with the body, part by part.")
    reading: dict[str, str] | None = Field(None, description="Of a file: parameters with which it may be read.")


class TextProblem(BaseModel):
    """Why one text has no prediction, while others have."""

    error: Problem = Field(description="With the status that a request of this text alone would have.")


class PredictResponse(BaseModel):
    """The answer to a PredictRequest."""

    predictions: list[TextLabels | TextPrediction | TextProblem] = Field(description="One for each text, in order.")


class FileRequest(BaseModel):
    """How to read a file: its name, and the flags of `sentiment predict --input`; what isn't said is found out."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        pattern=r"^[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]*$",
        max_length=255,
        description="Of the file, without a folder; its ending tells the kind.",
        examples=["tweets.csv"],
    )
    text: str = Field("", description="The column of texts, by name or number, or several: title,body.")
    label: str = Field("", description="The column of labels; it plays no part but that it isn't taken for texts.")
    encoding: str = Field("", description="Such as latin-1.")
    delimiter: str = Field("", description="What stands between cells, such as ; or tab.")
    quoting: Literal["auto", "double", "single", "backslash", "none"] = "auto"
    header: Literal["auto", "first", "none"] = Field("auto", description="Whether the first row names the columns.")
    sheet: str = Field("", description="Of an Excel file.")
    path: str = Field("", description="Where in a JSON file the records are, such as data.items.")
    probabilities: bool = Field(False, description="Whether each class's probability comes in a column of its own.")
    no_formulas: bool = Field(False, description="Whether cells that a spreadsheet would run get an apostrophe.")


class LeftOutRow(BaseModel):
    """A row that has no prediction."""

    row: int = Field(description="Its number; the first is 1.")
    file: str = Field(description="Its file, where several are packed in one.")
    line: int = Field(description="The line where it begins, or the record in a file without lines.")
    reason: str
    error: str = Field(description="The reason in detail.")


class FilePrediction(BaseModel):
    """What became of a file."""

    read_as: str = Field(description="In one line what was found out of the file: kind, encoding, columns.")
    dialect: dict[str, Any] = Field(description="The same, part by part.")
    rows: int
    predicted: int = Field(description="How many rows have a prediction; the others are left out of the results.")
    left_out: dict[str, int] = Field(description="How many rows have none, by reason.")
    left_out_rows: list[LeftOutRow] = Field(description="The first of them.")
    labels: dict[str, int] = Field(description="How often each label was given, the most frequent first.")
    columns: list[str] = Field(description="The names of what `first_rows` holds.")
    first_rows: list[list[str]] = Field(description="Of the results, the first rows, long cells cut.")
    results: str = Field(description="The results as CSV: the file's columns, and row, label, probability, abstained.")


class Limits(BaseModel):
    """What a request may hold; more is refused."""

    body_bytes: int = MAX_BODY_BYTES
    texts: int = MAX_TEXTS
    characters: int = Field(default=MAX_CHARACTERS, description="Of one text.")
    explained_characters: int = Field(default=MAX_EXPLAINED_CHARACTERS, description="Of all texts to explain.")
    file_bytes: int = MAX_FILE_BYTES
    file_rows: int = MAX_FILE_ROWS


class ModelCard(BaseModel):
    """What is known of the model that answers."""

    name: str = Field(description="Of the run.")
    labels: list[str]
    several: bool = Field(False, description="Whether a text may have several of the labels, or none.")
    preprocessor: dict[str, Any] = Field(description="How a text becomes tokens.")
    corpus: dict[str, Any] = Field(description="What it was trained on, with provenance and licence.")
    metrics: dict[str, Any] = Field(description="What the last evaluation measured.")
    precision: float | None = Field(
        description="The model abstains where it was less often right than this, unless a request wants another."
    )
    precisions: list[float] = Field([], description="What a request may want.")
    limits: Limits = Limits()
    version: str = Field(description="Of this program.")


class Health(BaseModel):
    """Whether the service lives or is ready."""

    status: str
