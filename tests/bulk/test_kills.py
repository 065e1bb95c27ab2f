"""Predictions of a file killed at random moments, alone and in pairs on one output: the same bytes, or a refusal."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from bulk_files import answers, as_csv, bulk, left_beside
from paths import ROOT

KILLS = 50
DEADLINE = 300  # seconds
REFUSAL = "error: out.csv: another prediction is writing it: name another --output"
GO_ON = "stopped; give the same command again to go on where it was"


class KilledError(BaseException):
    """As sudden as kill -9: nothing catches it."""


class Folder:
    """A folder with in.csv, which is predicted into out.csv again and again.

    Attributes:
        seconds: how long the last prediction took that went on to its end.
    """

    def __init__(self, run: Path, path: Path, n_rows: int):
        self.run, self.path, self.ends = run, path, Counter()
        texts = [f"{'happy' if n % 3 else 'sad'} number {n} {n % 977} day" for n in range(n_rows)]
        texts[n_rows // 2] = texts[n_rows // 3] = ""
        (path / "in.csv").write_bytes(as_csv(texts))
        self.seconds = 0.0
        assert self.end(self.start(1)) == 0
        self.expected = self._bytes()
        assert len(answers(path / "out.csv")) == n_rows - 2
        self.finish()

    def start(self, processes: int) -> subprocess.Popen:
        command = [sys.executable, "-m", "sentiment", "predict", "--run", str(self.run), "--input", "in.csv"]
        command += ["--output", "out.csv", "--processes", str(processes)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            command, cwd=self.path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def end(self, process: subprocess.Popen) -> int:
        """Waits for a process, and checks that what it said at its end is what its exit code means."""
        try:
            _, errors = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
        code, lines = process.returncode, errors.splitlines()
        assert "Traceback" not in errors
        assert code in (0, 2, 143, -signal.SIGKILL, -signal.SIGTERM), errors
        assert code != 2 or lines == [REFUSAL]
        assert code != 143 or lines[-1] == GO_ON
        self.ends[code] += 1
        return code

    def check(self) -> None:
        """Checks that the output is whole, with the list of its bad rows, or isn't there."""
        if (self.path / "out.csv").exists():
            assert self._bytes() == self.expected

    def finish(self) -> None:
        """Predicts once more to the end, and begins anew."""
        started = time.monotonic()
        assert self.end(self.start(1)) == 0
        self.seconds = time.monotonic() - started  # measured anew: other programs come and go
        self.check()
        assert left_beside(self.path / "out.csv") == ["out.csv", "out.csv.bad.jsonl"]
        for name in left_beside(self.path / "out.csv"):
            (self.path / name).unlink()

    def _bytes(self) -> list[bytes]:
        return [(self.path / name).read_bytes() for name in ("out.csv", "out.csv.bad.jsonl")]


def kill_again_and_again(folder: Folder, kills: int, generator: random.Random) -> Counter:
    """Kills predictions, now and then a pair's first or second, which begin where those before were killed."""
    done = Counter()
    while done.total() < kills:
        pair = generator.random() < 0.4
        processes = [folder.start(generator.choice([1, 1, 2])) for _ in range(1 + pair)]
        number = generator.choice([signal.SIGKILL, signal.SIGTERM])
        victim = generator.choice(processes)
        with contextlib.suppress(subprocess.TimeoutExpired):
            victim.wait(generator.uniform(0, folder.seconds))
        if victim.poll() is None:
            victim.send_signal(number)
            done[f"{number.name}, {'a pair' if pair else 'alone'}"] += 1
        codes = [folder.end(each) for each in processes]
        folder.check()
        if 0 in codes:
            folder.finish()
    folder.finish()
    return done


@pytest.mark.slow
def test_killed_50_times_at_random_moments_alone_and_in_pairs(run, tmp_path, capsys):
    folder = Folder(run, tmp_path, 60_000)
    done = kill_again_and_again(folder, KILLS, random.Random(50))
    with capsys.disabled():
        print(f"\n  {dict(done)}; ends by exit code {dict(folder.ends)}")  # noqa: T201


def test_killed_four_times_at_random_moments_alone_and_in_pairs(run, tmp_path):
    kill_again_and_again(Folder(run, tmp_path, 6_000), 4, random.Random(4))


@pytest.mark.parametrize("step", range(4))
def test_killed_between_any_two_steps_of_its_end_it_ends_with_the_same_bytes(run, tmp_path, monkeypatch, step):
    (tmp_path / "in.csv").write_bytes(as_csv(["so happy", "", "so sad"]))
    bulk(run, tmp_path / "in.csv", tmp_path / "whole.csv")
    monkeypatch.setattr("sentiment.bulk.journal.EVERY", 0.0)
    steps = 0

    def counted(really):
        def call(path, *arguments, **named):
            nonlocal steps
            steps += not path.name.startswith(".")  # as the journal's files are, while they are written
            if steps > step:
                raise KilledError
            return really(path, *arguments, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", counted(Path.unlink))
        patched.setattr(Path, "replace", counted(Path.replace))
        patched.setattr("sentiment.bulk.journal.sync_folder", counted(lambda path: None))
        with pytest.raises(KilledError):
            bulk(run, tmp_path / "in.csv", tmp_path / "out.csv")
    bulk(run, tmp_path / "in.csv", tmp_path / "out.csv")
    for suffix in ("", ".bad.jsonl"):
        assert (tmp_path / f"out.csv{suffix}").read_bytes() == (tmp_path / f"whole.csv{suffix}").read_bytes()
    assert left_beside(tmp_path / "out.csv") == ["out.csv", "out.csv.bad.jsonl"]
