"""TensorBoard events without TensorFlow: what Trax's training calls of `trax.jaxboard`, over tensorboardX."""

import itertools
import os

import numpy as np

_writers = itertools.count()


class SummaryWriter:
    """Writes scalars and texts of one log directory (made if absent) as TensorBoard events.

    Like Trax's own, it remembers the last step given for calls that give none.
    """

    def __init__(self, log_dir: str, enable: bool = True):
        # Here and not above: it costs 0.1 s, and predicting or a run without output writes no events.
        from tensorboardX import SummaryWriter as Events

        # Two writers made within one second would otherwise write to the same file.
        suffix = f".{os.getpid()}.{next(_writers)}"
        self._events = Events(str(log_dir), filename_suffix=suffix, write_to_disk=enable)
        self._step = 0

    def scalar(self, tag: str, value: float, step: int | None = None) -> None:
        """Write one number (anything that numpy turns into one)."""
        self._events.add_scalar(tag, float(np.asarray(value)), self._step_of(step))

    def text(self, tag: str, textdata: str, step: int | None = None) -> None:
        """Write a text, which TensorBoard shows as Markdown."""
        self._events.add_text(tag, textdata, self._step_of(step))

    def flush(self) -> None:
        """Bring what was written to the file."""
        self._events.flush()

    def close(self) -> None:
        """Flush and close; calling it again does nothing."""
        self._events.close()

    def _step_of(self, step: int | None) -> int:
        self._step = self._step if step is None else int(step)
        return self._step


def markdownify_operative_config_str(string: str) -> str:
    """An operative gin config as Markdown: its comments become headings, its bindings code."""
    lines = []
    for line in string.splitlines():
        comment = line[2:]
        if not line.startswith("#"):
            lines.append(f"    {line}")
        elif comment.startswith("===="):
            lines.append("")
        elif comment.startswith("None"):
            lines.append("    # None.")
        else:
            lines.append(f"#### {comment}" if comment.endswith(":") else comment)
    return "\n".join(lines)
