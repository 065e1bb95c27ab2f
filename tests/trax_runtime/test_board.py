"""TensorBoard events are written without TensorFlow."""

import struct
from pathlib import Path

import jax
import numpy as np
import pytest
from small_disk import FullDisk

from sentiment.trax_runtime.board import SummaryWriter, markdownify_operative_config_str


def events_of(folder):
    """Every event under `folder` as (step, summary value), read from the record format itself."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(Path(folder).glob("events.out.tfevents.*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + length])
            found += [(event.step, value) for value in event.summary.value]
            at += length + 16
    return found


def test_scalars_and_texts_are_written_as_tensorboard_events(tmp_path):
    writer = SummaryWriter(tmp_path / "new" / "train")
    writer.scalar("loss", np.float32(0.5), step=3)
    writer.scalar("accuracy", jax.numpy.ones(()))
    writer.text("note", "**hello**")
    writer.flush()
    writer.close()
    writer.close()
    events = [(step, value.tag) for step, value in events_of(tmp_path / "new" / "train")]
    assert events == [(3, "loss"), (3, "accuracy"), (3, "note/text_summary")]
    loss, accuracy, note = (value for _, value in events_of(tmp_path / "new" / "train"))
    assert (loss.simple_value, accuracy.simple_value) == (0.5, 1.0)
    assert note.tensor.string_val == [b"**hello**"]


def test_two_writers_of_one_second_do_not_share_a_file(tmp_path):
    for step in range(3):
        writer = SummaryWriter(tmp_path)
        writer.scalar("loss", step, step)
        writer.close()
    assert sorted((step, value.simple_value) for step, value in events_of(tmp_path)) == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_a_writer_that_is_not_enabled_writes_nothing(tmp_path):
    writer = SummaryWriter(tmp_path / "off", enable=False)
    writer.scalar("loss", 1.0, 1)
    writer.flush()
    writer.close()
    assert not list(tmp_path.rglob("events*"))


def test_an_operative_config_becomes_markdown():
    config = (
        "# Parameters for Adam:\n# ====================\nAdam.learning_rate = 0.1\n\n# Parameters for x:\n# None.\n#"
    )
    markdown = "#### Parameters for Adam:\n\n    Adam.learning_rate = 0.1\n    \n#### Parameters for x:\n    # None.\n"
    assert markdownify_operative_config_str(config) == markdown


def test_a_full_disk_is_said_by_the_call_that_writes_with_the_files_name(tmp_path, monkeypatch):
    writer = SummaryWriter(tmp_path)
    with monkeypatch.context() as patched:
        FullDisk(patched, full_at=1)
        with pytest.raises(OSError, match=r"No space left on device.*events\.out\.tfevents"):
            writer.scalar("loss", 1.0, 1)
    writer.close()
