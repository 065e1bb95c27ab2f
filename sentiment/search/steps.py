"""Progress of one training among many: its steps, and none of its lines."""

from sentiment.training.loop.progress import Progress


class Steps(Progress):
    """Hands on the steps alone, to what a search shows itself on."""

    def __init__(self, shown: Progress):
        self._shown = shown

    def started(self, step: int, steps: int) -> None:
        """Shows that a training starts."""
        self._shown.started(step, steps)

    def stopped(self) -> None:
        """Shows that it has ended."""
        self._shown.stopped()

    def stepped(self, step: int) -> None:
        """Shows a step."""
        self._shown.stepped(step)
