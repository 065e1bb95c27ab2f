"""The learning rate as a function of the step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sentiment.config import SettingError
from sentiment.trax_runtime import lr_schedules


@dataclass(frozen=True)
class Schedule:
    """The shape of the learning rate over a run; its peak is the optimizer's own. Trax's schedules, and two more.

    Attributes:
        shape: after the warm-up. "constant". "rsqrt": falls with the square root of the step. "cosine" (Loshchilov
            and Hutter 2017, without restarts) and "linear": fall to zero, which they would reach one step after the
            last.
        warmup_steps: over how many steps the rate first rises linearly from zero.
        warmup_share: over what share of a run's steps more it rises.
    """

    shape: Literal["constant", "cosine", "linear", "rsqrt"] = "constant"
    warmup_steps: int = 0
    warmup_share: float = 0.0

    def __post_init__(self):
        if self.warmup_steps < 0:
            raise SettingError(f"Schedule.warmup_steps = {self.warmup_steps}: must be 0 or more")
        if not 0 <= self.warmup_share < 1:
            raise SettingError(f"Schedule.warmup_share = {self.warmup_share}: must be 0 or more, and less than 1")

    def rates(self, peak: float, steps: int) -> Callable[[int], float]:
        """Returns step (from 1) -> learning rate, for a run of `steps` steps.

        Raises:
            SettingError: the warm-up leaves no step to fall in.
        """
        warmup = self.warmup_steps + int(self.warmup_share * steps)
        if self.shape == "rsqrt":
            return lr_schedules.warmup_and_rsqrt_decay(warmup, peak)
        rising = lr_schedules.warmup(warmup, peak)
        if self.shape == "constant":
            return rising
        if warmup >= steps:
            raise SettingError(f"Schedule.warmup_steps = {self.warmup_steps}: must be less than the {steps} steps")
        first, end = warmup + 1, steps + 1

        def rate(step: int) -> float:
            fallen = max(0.0, (step - first) / (end - first))
            left = 1 - fallen if self.shape == "linear" else (1 + math.cos(math.pi * fallen)) / 2
            return rising(step) * left

        return rate
