"""A training that dies at a step, as by `kill -9`."""

from sentiment.training.loop.progress import Progress


class Killed(BaseException):
    """Stands for `kill -9`."""


class Killing(Progress):
    """Raises `Killed` once the given step is done."""

    def __init__(self, at: int):
        super().__init__()
        self._at = at

    def stepped(self, step: int) -> None:
        """Kills from that step on."""
        if step >= self._at:
            raise Killed
