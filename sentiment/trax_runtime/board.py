"""TensorBoard events without TensorFlow: what Trax's training calls of `trax.jaxboard`, over tensorboardX."""

import functools
import importlib
import itertools
import os
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment.lean_import import absent
from sentiment.storage.files import append

if TYPE_CHECKING:
    from tensorboardX.proto.summary_pb2 import Summary

_writers = itertools.count()


class SummaryWriter:
    """Writes scalars and texts of one log directory (made if absent) as TensorBoard events.

    Like Trax's own, it remembers the last step given for calls that give none. Each event is in its file, which is
    closed again, when the call returns: so a full disk ends training in the line of the call. tensorboardX's own writer
    has a thread, which dies of it with a traceback, and tries again at exit.

    Raises:
        OSError: on making it and on writing; it names the file.
    """

    def __init__(self, log_dir: str, enable: bool = True):
        self._step = 0
        self._path: Path | None = None
        if enable:
            Path(log_dir).mkdir(parents=True, exist_ok=True)
            # Two writers made within one second would otherwise write to the same file.
            own = f"{time.time():.0f}.{socket.gethostname()}.{os.getpid()}.{next(_writers)}"
            self._path = Path(log_dir) / f"events.out.tfevents.{own}"
            self._write(file_version="brain.Event:2")

    def scalar(self, tag: str, value: float, step: int | None = None) -> None:
        """Write one number (anything that numpy turns into one)."""
        self._add(_part("summary").scalar(tag, float(np.asarray(value))), step)

    def text(self, tag: str, textdata: str, step: int | None = None) -> None:
        """Write a text, which TensorBoard shows as Markdown."""
        self._add(_part("summary").text(tag, textdata), step)

    def flush(self) -> None:
        """Do nothing: what was written is in the file."""

    def close(self) -> None:
        """Do nothing: the file is closed after every event."""

    def _add(self, summary: "Summary", step: int | None) -> None:
        self._step = self._step if step is None else int(step)
        self._write(summary=summary, step=self._step)

    def _write(self, **fields: object) -> None:
        if self._path is None:
            return
        record = _record(_part("proto.event_pb2").Event(wall_time=time.time(), **fields).SerializeToString())
        with self._path.open("ab", buffering=0) as file:
            append(file, record)


@functools.cache
def _part(name: str) -> Any:
    """Returns a module of tensorboardX, loaded when it is needed: predicting or a run without output writes no events.

    It would import the clients of cloud storage too, where they are installed: a second, and an attempt at a socket.
    """
    with absent("boto3", "google.cloud"):
        return importlib.import_module(f"tensorboardX.{name}")


def _record(data: bytes) -> bytes:
    """Returns bytes as TensorFlow's record format frames them: their length and they themselves, each with a CRC."""
    masked_crc32c = _part("record_writer").masked_crc32c
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked_crc32c(length)), data, struct.pack("<I", masked_crc32c(data))])


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
