"""Early stopping: when a run ends before its last step, and which weights it keeps."""

from dataclasses import dataclass
from typing import Literal

from sentiment.config import SettingError

METRICS = {"cross_entropy": "CrossEntropyLoss", "accuracy": "Accuracy"}  # as Trax's layers call them


@dataclass(frozen=True)
class Stopping:
    """When to stop, and what to keep.

    Attributes:
        metric: of the validation split, by which `patience` and `keep` go. Of equal values the first is the best.
        patience: evaluations without a better one, after which training stops; None: never.
        time_limit: seconds of training, those before a resume included, after which it stops; None: never.
        keep: the weights that the run ends with: those of the "last" step, or of the "best" evaluation.
    """

    metric: Literal["cross_entropy", "accuracy"] = "cross_entropy"
    patience: int | None = None
    time_limit: float | None = None
    keep: Literal["last", "best"] = "last"

    def __post_init__(self):
        if self.patience is not None and self.patience < 1:
            raise SettingError(f"Stopping.patience = {self.patience}: must be 1 evaluation or more, or None")
        if self.time_limit is not None and not self.time_limit > 0:
            raise SettingError(f"Stopping.time_limit = {self.time_limit}: must be above 0 seconds, or None")
