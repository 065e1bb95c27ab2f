"""Stopped by Ctrl-C, SIGTERM or `kill -9`, at any moment: nothing is lost, and the end is the same to the bit."""

import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from paths import FIXTURES, ROOT

from sentiment.storage.tensors import save_tensors
from sentiment.training.loop import progress
from sentiment.training.train import train

pytestmark = pytest.mark.usefixtures("compiled_once")

CORPUS = [f"load_corpus.source = {str(FIXTURES / 'moods.csv')!r}", "load_corpus.label_column = 'mood'"]
SMALL = [*CORPUS, "mean_classifier.d_embedding = 16", "mean_classifier.dropout = 0.3"]
SMALL += ["Recipe.checkpoint_every = 10", "Recipe.eval_every = 10", "Recipe.steps = 100"]
# So large that writing a checkpoint takes as long as the steps between two: some kills hit it.
LARGE = [*CORPUS, "mean_classifier.d_embedding = 16384", "mean_classifier.dropout = 0.3", "Stopping.keep = 'best'"]
LARGE += ["Recipe.checkpoint_every = 5", "Recipe.eval_every = 50"]
KILLS, OF_THEM_WHILE_WRITING, OF_THEM_WHILE_STARTING = 20, 6, 3
DEADLINE_SECONDS = 120


def _flags(bindings: list[str], run: Path | str) -> list[str]:
    return [word for binding in bindings for word in ("--set", binding)] + ["--run", str(run)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing stopped."""
    run = tmp_path_factory.mktemp("whole") / "run"
    train(ROOT / "configs" / "mean.gin", SMALL, run)
    return run


class _Signalling(progress.Lines):
    """Sends signals to this process after a step: as a user would, but when we choose."""

    def __init__(self, step: int, *signals: int):
        self._step, self._signals = step, signals

    def stepped(self, step: int) -> None:
        if step >= self._step:
            signals, self._signals = self._signals, ()
            for number in signals:
                signal.raise_signal(number)


@pytest.fixture
def interrupted(script, monkeypatch):
    """Trains into a folder and is stopped by signals after a step; returns the answer."""

    def call(step: int, *signals: int, run: str = "run"):
        with monkeypatch.context() as patched:
            patched.setattr(progress, "for_this_output", lambda: _Signalling(step, *signals))
            return script("train", *_flags(SMALL, run))

    return call


def _weights(run: Path) -> bytes:
    return (run / "weights.safetensors").read_bytes()


def _checkpoints(run: Path) -> list[int]:
    return sorted(int(path.stem[11:]) for path in (run / "training").glob("checkpoint-*"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_training_with_a_checkpoint_and_a_line_that_tells_how_to_go_on(
    script, interrupted, elsewhere, whole, number, code
):
    before = signal.getsignal(number)
    answer = interrupted(33, number)
    assert answer.code == code
    assert answer.err == (
        "stopped after 40 of 100 steps, all kept in run; the same command goes on from there, "
        "or: make train CONFIG=run/config.gin RUN=run\n"
    )
    assert _checkpoints(elsewhere / "run")[-1] == 40
    assert not (elsewhere / "run" / "manifest.json").exists()
    assert signal.getsignal(number) is before
    assert script("train", "--config", "run/config.gin", "--run", "run").code == 0, "as the line says"
    assert _weights(elsewhere / "run") == _weights(whole)


def test_a_second_ctrl_c_leaves_at_once(interrupted, elsewhere):
    answer = interrupted(33, signal.SIGINT, signal.SIGINT)
    assert (answer.code, answer.err) == (130, "stopped\n")
    assert 20 in _checkpoints(elsewhere / "run"), "what was written before stays"
    assert 40 not in _checkpoints(elsewhere / "run")


def test_ctrl_c_after_the_last_step_leaves_at_once_and_the_same_command_finishes(script, elsewhere, whole, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("sentiment.training.session.export", lambda *_: signal.raise_signal(signal.SIGINT))
        answer = script("train", *_flags(SMALL, "run"))
    assert (answer.code, answer.err) == (130, "stopped\n")
    assert not (elsewhere / "run" / "manifest.json").exists()
    assert script("train", *_flags(SMALL, "run")).code == 0
    assert _weights(elsewhere / "run") == _weights(whole)


def test_a_kill_while_a_checkpoint_is_written_loses_no_more_than_that_one(script, elsewhere, whole, monkeypatch):
    class Killed(BaseException):
        """Stands for `kill -9`: nothing after it runs but what Python can't help running."""

    def killed(path, tensors, facts):
        if facts["step"] != 60:
            return save_tensors(path, tensors, facts)
        (path.parent / f".{path.name}.abc.part").write_bytes(b"half")
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("sentiment.training.loop.checkpoint.save_tensors", killed)
        with pytest.raises(Killed):
            script("train", *_flags(SMALL, "run"))
    assert _checkpoints(elsewhere / "run")[-1] == 50
    assert script("train", *_flags(SMALL, "run")).code == 0
    assert not list((elsewhere / "run").rglob("*.part"))
    assert _weights(elsewhere / "run") == _weights(whole)


def test_a_disk_that_fills_up_ends_training_in_one_line_and_it_goes_on_later(script, elsewhere, whole, monkeypatch):
    def full(path, tensors, facts):
        if facts["step"] == 60:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        save_tensors(path, tensors, facts)

    with monkeypatch.context() as patched:
        patched.setattr("sentiment.training.loop.checkpoint.save_tensors", full)
        answer = script("train", *_flags(SMALL, "run"))
    assert answer.code == 2
    assert re.fullmatch(r"error: run/.*00000060.* No space left on device: free some space .*\n", answer.err)
    assert _checkpoints(elsewhere / "run")[-1] == 50
    assert script("train", *_flags(SMALL, "run")).code == 0
    assert _weights(elsewhere / "run") == _weights(whole)


def _started(run: Path, *bindings: str) -> subprocess.Popen:
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), "--config", "mean"]
    command += _flags([*LARGE, *bindings], run)
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)


def _wait_for(process: subprocess.Popen, what, happened) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not happened():
        assert process.poll() is None, f"training ended before {what}"
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.001)


def _newest(run: Path) -> int:
    return max(_checkpoints(run), default=0)


def _killed(run: Path, how: str, delay: float, *bindings: str) -> str:
    """Starts training, kills it with `kill -9` and tells what was hit."""
    first = _newest(run)
    process = _started(run, *bindings)
    try:
        if how != "starting":
            _wait_for(process, "a checkpoint", lambda: _newest(run) > first)
        if how == "writing":
            _wait_for(process, "a checkpoint being written", lambda: list((run / "training").glob(".*.part")))
            delay /= 50
        time.sleep(delay)
        assert process.poll() is None, "training ended before it could be killed"
    finally:
        process.kill()
        process.wait()
    if list((run / "training").glob(".checkpoint-*.part")):
        return "a checkpoint half-written"
    return "between two checkpoints" if _newest(run) > first else "before the first checkpoint of that process"


@pytest.mark.slow
def test_killed_at_20_random_moments_the_weights_are_those_of_a_run_never_killed(elsewhere, capsys):
    generator = random.Random(20)
    hows = ["writing"] * OF_THEM_WHILE_WRITING + ["starting"] * OF_THEM_WHILE_STARTING
    hows += ["training"] * (KILLS - len(hows))
    generator.shuffle(hows)
    steps = "Recipe.steps = 800"
    run, whole, hit = elsewhere / "killed", elsewhere / "whole", Counter()
    for number, how in enumerate(hows, start=1):
        moment = _killed(run, how, generator.uniform(0, 2 if how == "starting" else 0.3), steps)
        hit[moment] += 1
        with capsys.disabled():
            print(f"\n  kill {number:2}: {moment}; the newest checkpoint is step {_newest(run)}'s", end="")  # noqa: T201
    for folder in (run, whole):
        assert _started(folder, steps).wait(5 * DEADLINE_SECONDS) == 0
    with capsys.disabled():
        print(f"\n  {dict(hit)}")  # noqa: T201
    assert hit["a checkpoint half-written"] >= 3
    assert hit["between two checkpoints"] >= 3
    assert sum(hit.values()) == KILLS
    for name in ("weights.safetensors", "config.gin", "vocabulary.txt", "model.json"):
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name


def test_one_kill_while_a_checkpoint_is_written_by_a_process_of_its_own(elsewhere):
    run, whole = elsewhere / "killed", elsewhere / "whole"
    smaller = ["Recipe.steps = 40", "mean_classifier.d_embedding = 4096"]
    assert _killed(run, "writing", 0.0, *smaller) in ("a checkpoint half-written", "between two checkpoints")
    for folder in (run, whole):
        train(ROOT / "configs" / "mean.gin", [*LARGE, *smaller], folder)
    assert _weights(run) == _weights(whole)
