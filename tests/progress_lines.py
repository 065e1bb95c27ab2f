"""What training says to a user, kept for a test to read."""

from sentiment.training.loop.progress import Progress


class ProgressLines(Progress):
    """Keeps the lines that it is told."""

    def __init__(self):
        self.lines: list[str] = []

    def info(self, line: str) -> None:
        self.lines.append(line)
