"""The saver writes in the background, one at a time, each step once, and no weights that diverged."""

import threading
from pathlib import Path

import numpy as np
import pytest

from sentiment.storage.tensors import save_tensors
from sentiment.training.loop.checkpoint import Facts, newest_checkpoint
from sentiment.training.loop.divergence import DivergedError
from sentiment.training.loop.saver import Saver


def _facts(step: int, evaluated_at: int | None = None) -> Facts:
    evaluations = [] if evaluated_at is None else [[evaluated_at, 0.5]]
    return Facts(step, {"eval": {"metrics/Accuracy": evaluations}}, {"steps": 3.0, "loss": 0.3}, (), 1.5)


def _save(saver: Saver, step: int, evaluated_at: int | None = None, value: float = 1.0) -> None:
    saver.save({"weights": [np.full(3, value, np.float32)]}, _facts(step, evaluated_at))


def _steps(folder: Path) -> list[int]:
    return sorted(int(path.stem[11:]) for path in folder.iterdir())


class _Slow:
    """`save_tensors`, which waits for leave to write."""

    def __init__(self, monkeypatch):
        self.begun, self.leave, self.ended = [], threading.Event(), []
        monkeypatch.setattr("sentiment.training.loop.checkpoint.save_tensors", self)

    def __call__(self, path, tensors, facts):
        self.begun.append(facts["step"])
        assert self.leave.wait(10)
        save_tensors(path, tensors, facts)
        self.ended.append(facts["step"])


def test_a_saver_writes_in_the_background_and_one_at_a_time(tmp_path, monkeypatch):
    slow = _Slow(monkeypatch)
    saver = Saver(tmp_path)
    _save(saver, 1)
    assert slow.ended == [], "it returns before the file is written"
    threading.Timer(0.2, slow.leave.set).start()
    _save(saver, 2)
    assert slow.ended[:1] == [1], "the second waits for the first"
    saver.wait()
    assert slow.begun == slow.ended == [1, 2]
    assert _steps(tmp_path) == [1, 2]
    saver.wait()


@pytest.mark.parametrize("asked", ["wait", "save", "all_written"])
def test_what_goes_wrong_in_the_background_is_raised_once(tmp_path, monkeypatch, asked):
    def full(*_):
        raise OSError(28, "No space left on device")

    def ask():
        if asked == "all_written":
            with saver.all_written():
                pass
        else:
            saver.wait() if asked == "wait" else _save(saver, 2)

    saver = Saver(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("sentiment.training.loop.checkpoint.save_tensors", full)
        _save(saver, 1)
        with pytest.raises(OSError, match="No space left"):
            ask()
    _save(saver, 3)
    saver.wait()
    assert _steps(tmp_path) == [3]


def test_a_block_that_fails_ends_when_what_was_sound_is_written(tmp_path, monkeypatch):
    slow, saver = _Slow(monkeypatch), Saver(tmp_path)
    _save(saver, 1)
    threading.Timer(0.2, slow.leave.set).start()
    with pytest.raises(KeyError), saver.all_written():
        raise KeyError
    assert _steps(tmp_path) == [1]


def test_a_steps_checkpoint_is_written_once_and_again_when_it_has_been_evaluated(tmp_path):
    saver = Saver(tmp_path)
    for value, evaluated_at in ((1.0, None), (2.0, None), (3.0, 4), (5.0, 4)):
        with saver.all_written():
            _save(saver, 4, evaluated_at, value)
    assert newest_checkpoint(tmp_path).tensors["weights/0"].tolist() == [3.0] * 3


def test_the_checkpoint_that_was_resumed_from_is_not_written_again(tmp_path):
    saver = Saver(tmp_path)
    saver.resumed_from(_facts(4))
    _save(saver, 4)
    saver.wait()
    assert _steps(tmp_path) == []


def test_what_is_written_is_a_copy_and_never_diverged(tmp_path, monkeypatch):
    slow, saver = _Slow(monkeypatch), Saver(tmp_path)
    weights = np.ones(3, np.float32)
    saver.save({"weights": [weights]}, _facts(1))
    weights[:] = np.nan
    slow.leave.set()
    saver.wait()
    assert newest_checkpoint(tmp_path).tensors["weights/0"].tolist() == [1.0] * 3
    with pytest.raises(DivergedError, match="weights that are not finite at step 2"):
        saver.save({"weights": [weights]}, _facts(2))
    saver.save({"weights": [], "slots": [weights]}, _facts(3))
    saver.wait()
    assert _steps(tmp_path) == [1, 3]


def test_a_saver_without_a_folder_writes_nothing():
    saver = Saver(None)
    _save(saver, 1, value=np.nan)
    saver.wait()
