"""A bulk prediction that is stopped anywhere goes on to the same bytes; two never write one output."""

import os
import signal
import subprocess
import sys
import time

import pytest
from bulk_files import WRITERS, bulk, left_beside, lines_of
from paths import ROOT

from sentiment.errors import InputError


@pytest.fixture
def many(tmp_path, monkeypatch):
    """A function that writes a file of many small blocks, flaws among them, and returns its path."""
    monkeypatch.setattr("sentiment.corpora.readers.lines.PIECE_BYTES", 500)
    monkeypatch.setattr("sentiment.corpora.readers.formats._BATCH_SIZE", 500)
    monkeypatch.setattr("sentiment.corpora.readers.arrow_file.AT_ONCE", 20)
    monkeypatch.setattr("sentiment.bulk.journal.EVERY", 0.0)

    def write(name):
        texts = [f"{'happy' if n % 3 else 'sad, and'} number {n} 😀" for n in range(300)]
        texts[77] = texts[205] = " "
        (tmp_path / name).write_bytes(WRITERS[name](texts))
        return tmp_path / name

    return write


class KilledError(BaseException):
    """As sudden as kill -9: nothing catches it."""


@pytest.mark.parametrize("name", WRITERS)
def test_a_prediction_stopped_anywhere_goes_on_to_the_same_bytes(run, tmp_path, many, name, monkeypatch):
    monkeypatch.setattr("sentiment.corpora.readers.arrow_file.BATCH_SIZE", 40)
    source, whole = many(name), tmp_path / "whole.csv"
    bulk(run, source, whole)
    output, calls = tmp_path / "out.csv", 0
    for stop in (1, 3, 2, 1000):

        def progress(position, size, stop=stop):
            nonlocal calls
            calls += 1
            if calls >= stop:
                raise KilledError

        calls = 0
        if stop < 1000:
            with pytest.raises(KilledError):
                bulk(run, source, output, progress)
            assert not output.exists()
            with (tmp_path / "out.csv.part").open("ab") as part:
                part.write(b"a block that no journal knows of")
        else:
            bulk(run, source, output, progress)
    assert output.read_bytes() == whole.read_bytes()
    assert (tmp_path / "out.csv.bad.jsonl").read_bytes() == (tmp_path / "whole.csv.bad.jsonl").read_bytes()
    assert not [each for each in left_beside(output) if "part" in each or "journal" in each]


def test_another_input_is_not_taken_for_the_unfinished_one(run, tmp_path, many):
    source, output = many("in.txt"), tmp_path / "out.csv"

    def stop(position, size):
        raise KilledError

    with pytest.raises(KilledError):
        bulk(run, source, output, stop)
    with pytest.raises(InputError, match=r"out\.csv\.journal: of another input, model or settings"):
        bulk(run, many("in.csv"), output)
    with pytest.raises(InputError, match=r"out\.csv\.journal: of another input, model or settings"):
        bulk(run, source, output, probabilities=True)
    (tmp_path / "out.csv.journal").write_text("{")
    with pytest.raises(InputError, match=r"journal: damaged"):
        bulk(run, source, output)


def test_two_predictions_never_write_one_output(run, tmp_path, many):
    source, output = many("in.csv"), tmp_path / "out.csv"
    refusals = []

    def second(position, size):
        if not refusals:
            with pytest.raises(InputError, match=r"out\.csv: another prediction is writing it") as refused:
                bulk(run, source, output)
            refusals.append(refused)

    bulk(run, source, output, second)
    whole = output.read_bytes()
    assert refusals
    bulk(run, source, output)
    assert output.read_bytes() == whole
    assert left_beside(output) == ["out.csv", "out.csv.bad.jsonl"]


def started(run, folder, *flags) -> tuple[subprocess.Popen, list[str]]:
    """Starts a prediction of in.txt and waits until it has begun to write."""
    command = [sys.executable, str(ROOT / "scripts" / "predict.py"), "--run", str(run), "--input", "in.txt"]
    command += ["--output", "out.csv", *flags]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (folder / "out.csv.journal").exists():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return process, command


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_goes_on_to_the_same_bytes(run, tmp_path, number):
    texts = [f"{'happy' if n % 3 else 'sad'} number {n} {n % 977} day" for n in range(60_000)]
    (tmp_path / "in.txt").write_bytes(lines_of(texts))
    bulk(run, tmp_path / "in.txt", tmp_path / "whole.csv")
    process, command = started(run, tmp_path, "--processes", "1")
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    if number == signal.SIGTERM:
        assert process.returncode == 128 + signal.SIGTERM
        assert errors.decode().splitlines()[-1] == "stopped; give the same command again to go on where it was"
    assert not (tmp_path / "out.csv").exists()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout == "60,000 rows, predictions in out.csv\n"
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
