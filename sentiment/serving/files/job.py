"""What the service and the process that predicts a file say to each other, and what a file may cost."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_SECONDS = 120.0  # of the process
MAX_MEMORY = 3 << 29  # bytes of the process
MAX_WRITTEN = 512 << 20  # bytes: the upload, what is packed in it, the results
MAX_WRITTEN_ONE = 256 << 20  # bytes of one of these files
MAX_WRITTEN_FILES = 20_000
LARGER = "predict it with `sentiment predict --input FILE --output FILE`, which has no such limit, or send it in parts"


@dataclass(frozen=True)
class Job:
    """One file's prediction.

    Attributes:
        folder: a folder of its own, for all that is written.
        name: of the file.
        run: path of the run directory.
        precision: as in `Predictor.load`.
        reading: the arguments of `ReadOptions`.
        probabilities, no_formulas: as in `OutputForm`.
        max_rows: the most rows that it may have.
    """

    folder: str
    name: str
    run: str
    precision: float | None
    reading: dict[str, Any]
    probabilities: bool
    no_formulas: bool
    max_rows: int

    @property
    def source(self) -> Path:
        """The file."""
        return Path(self.folder) / "given" / self.name

    @property
    def answer(self) -> Path:
        """Where the process writes a `FilePrediction` as JSON."""
        return Path(self.folder) / "written" / "answer.json"

    @property
    def labels(self) -> Path:
        """Where it writes how often each label was given, as JSON."""
        return Path(self.folder) / "written" / "labels.json"


@dataclass(eq=False)  # compared and hashed as other exceptions are
class Refusal(Exception):  # noqa: N818 - it is also what is sent
    """Why a file isn't predicted.

    Attributes:
        status: of HTTP.
        kind: of problem.
        detail: a line with a remedy.
        reading: parameters of the request that are the remedy, where they are.
    """

    status: int
    kind: str
    detail: str
    reading: dict[str, str] = field(default_factory=dict)
