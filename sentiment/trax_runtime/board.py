"""TensorBoard events without TensorFlow: what Trax's training calls of `trax.jaxboard`, over tensorboardX."""

import itertools
import os
import struct
import zlib

import numpy as np

_writers = itertools.count()


class SummaryWriter:
    """Writes scalars, texts and images of one log directory (made if absent) as TensorBoard events.

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

    def image(self, tag: str, image: np.ndarray, step: int | None = None) -> None:
        """Write a picture: [H, W], [H, W, 1] or [H, W, 3], floats in 0..1 (cut off beyond) or uint8.

        Raises:
            ValueError: any other shape.
        """
        from tensorboardX.proto.summary_pb2 import Summary

        pixels = _pixels(np.asarray(image))
        height, width, _ = pixels.shape
        picture = Summary.Image(height=height, width=width, colorspace=3, encoded_image_string=_png(pixels))
        summary = Summary(value=[Summary.Value(tag=tag, image=picture)])
        self._events.file_writer.add_summary(summary, self._step_of(step))

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


def _pixels(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2:
        image = image[:, :, np.newaxis]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise ValueError(f"an image has shape [H, W], [H, W, 1] or [H, W, 3], not {image.shape}")
    if image.dtype != np.uint8:
        image = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def _png(pixels: np.ndarray) -> bytes:
    """uint8 [H, W, 3] as a PNG file: tensorboardX would need Pillow for it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
