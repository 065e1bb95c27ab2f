"""Processes that train together meet, agree, write once, resume to the bit, and end when one of them does."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.errors import InputError
from sentiment.storage.tensors import load_tensors
from sentiment.training.parallel.processes import _is_loss, joined

STEPS = 400
# A program that one process has compiled needn't be compiled by all others.
COMPILED = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
CORPUS = ["--corpus", FIXTURES / "moods.csv", "--label", "mood"]
SETTINGS = ["mean_classifier.dropout = 0.3", "mean_classifier.d_embedding = 8"]
SETTINGS += ["Recipe.checkpoint_every = 20", "Recipe.eval_every = 100"]
SET = [flag for setting in SETTINGS for flag in ("--set", setting)]
FLAGS = ["--config", "mean", *CORPUS, "--steps", STEPS, *SET]


@pytest.fixture(scope="module", autouse=True)
def _compiled_once(tmp_path_factory):
    COMPILED["JAX_COMPILATION_CACHE_DIR"] = str(tmp_path_factory.mktemp("compiled"))


def _address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def _python(*arguments: object, **environment: str) -> subprocess.Popen:
    environment = (
        os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "", "PYTHONPATH": str(ROOT)} | COMPILED | environment
    )
    command = [sys.executable, *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _start(run: Path, *flags: object, others: tuple = (), training: Sequence = FLAGS) -> list[subprocess.Popen]:
    """Two processes that train together: one told by flags, the other by its environment, which has `others` too."""
    address = _address()
    command = [ROOT / "scripts" / "train.py", *training, "--run", run, *flags]
    told = {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": "2", "JAX_PROCESS_ID": "1"}
    by_flags = ["--coordinator", address, "--processes", 2, "--process", 0]
    return [_python(*command, *by_flags), _python(*command, *others, **told)]


def _ended(processes: list[subprocess.Popen]) -> list[tuple[int, str, str]]:
    """(exit code, standard output, standard error) of each."""
    try:
        streams = [process.communicate(timeout=240) for process in processes]
    finally:
        for process in processes:
            process.kill()
    return [(process.returncode, *each) for process, each in zip(processes, streams, strict=True)]


def _signal_when(path: Path, process: subprocess.Popen, number: int) -> None:
    """Sends a signal as soon as a file is there."""
    end = time.monotonic() + 240
    while not path.exists():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < end
        time.sleep(0.002)
    process.send_signal(number)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, list]:
    """A run of two processes that nothing stopped, and how they ended."""
    run = tmp_path_factory.mktemp("whole") / "run"
    return run, _ended(_start(run))


def _assert_same_bits(run: Path, whole: Path) -> None:
    ours, theirs = (load_tensors(each / "weights.safetensors")[0] for each in (run, whole))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert tensor.tobytes() == theirs[name].tobytes(), name
    ours, theirs = (json.loads((each / "metrics.json").read_text()) for each in (run, whole))
    assert ours | {"seconds": 0} == theirs | {"seconds": 0}


def test_two_processes_train_to_what_one_does(whole, script, tmp_path):
    run, ended = whole
    assert [code for code, *_ in ended] == [0, 0], ended
    assert script("train", *FLAGS, "--run", tmp_path / "run").code == 0
    one, two = (json.loads((each / "metrics.json").read_text()) for each in (tmp_path / "run", run))
    assert two["validation_cross_entropy"] == pytest.approx(one["validation_cross_entropy"], abs=1e-5)
    assert two["validation_accuracy"] == one["validation_accuracy"]
    ours, theirs = (load_tensors(each / "weights.safetensors")[0] for each in (run, tmp_path / "run"))
    for name, tensor in ours.items():
        np.testing.assert_allclose(tensor, theirs[name], rtol=0, atol=1e-5, err_msg=name)


def test_only_the_first_process_writes(whole):
    run, ((_, out, _), (_, other_out, _)) = whole
    assert [line.split()[0] for line in out.splitlines() if not line.startswith("[Gloo]")] == (
        ["corpus", "note", "note", "vocabulary", "model", "run"] + ["step"] * 5 + ["exported", "done"]
    )
    assert other_out == ""
    assert len(list((run / "training" / "eval").iterdir())) == 1, "one writer of events"


def test_one_that_is_killed_ends_the_other_at_once_in_one_line_and_they_resume_to_the_bit(whole, tmp_path):
    _, second = processes = _start(tmp_path / "run")
    _signal_when(tmp_path / "run" / "training" / "checkpoint-00000060.safetensors", second, signal.SIGKILL)
    killed = time.monotonic()
    (code, _, told), (other_code, *_) = _ended(processes)
    assert time.monotonic() - killed < 20
    assert (code, other_code) == (2, -signal.SIGKILL), told
    (line,) = [line for line in told.splitlines() if line.startswith("error: ")]
    assert "another process has ended, or can't be reached" in line
    assert line.endswith("then start all of them again; the run goes on from its last checkpoint")
    (code, out, told), (other_code, *_) = _ended(_start(tmp_path / "run"))
    assert (code, other_code) == (0, 0), told
    assert "(resumed)" in out
    _assert_same_bits(tmp_path / "run", whole[0])


@pytest.mark.slow
def test_a_prepared_corpus_gives_two_processes_the_same_bits_killed_and_resumed(whole, script, tmp_path):
    assert script("prepare", CORPUS[1], *CORPUS[2:], "--config", "mean", "--output", tmp_path / "p").code == 0
    training = ["--config", "mean", "--corpus", tmp_path / "p", "--steps", STEPS, *SET]
    _, second = processes = _start(tmp_path / "run", training=training)
    _signal_when(tmp_path / "run" / "training" / "checkpoint-00000060.safetensors", second, signal.SIGKILL)
    assert [code for code, *_ in _ended(processes)] == [2, -signal.SIGKILL]
    ((code, out, told), (other_code, *_)) = _ended(_start(tmp_path / "run", training=training))
    assert (code, other_code) == (0, 0), told
    assert "(resumed)" in out
    _assert_same_bits(tmp_path / "run", whole[0])


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (ValueError("UNKNOWN: Gloo AllGather failed: Connection closed by peer"), True),  # what jit's quick path raises
        (jax.errors.JaxRuntimeError("UNKNOWN: Gloo all-reduce failed: Connection reset by peer"), True),
        (jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory"), False),
        (InputError("my_gloo.csv: no such file"), False),
        (ValueError("shapes differ"), False),
    ],
    ids=["quick", "other", "memory", "input", "bug"],
)
def test_the_loss_of_a_process_is_told_from_other_errors(error, lost):
    assert _is_loss(error) == lost


@pytest.mark.slow
def test_a_signal_to_either_stops_both_after_a_checkpoint_and_they_resume_to_the_bit(whole, tmp_path):
    for which, number, step in ((1, signal.SIGTERM, 60), (0, signal.SIGINT, 200)):
        processes = _start(tmp_path / "run")
        path = tmp_path / "run" / "training" / f"checkpoint-{step:08d}.safetensors"
        _signal_when(path, processes[which], number)
        ended = _ended(processes)
        assert ended[which][0] == 128 + number
        assert ended[1 - which][0] == 128 + signal.SIGTERM
        for _, _, told in ended:
            assert "stopped after " in told
    assert [code for code, *_ in _ended(_start(tmp_path / "run"))] == [0, 0]
    _assert_same_bits(tmp_path / "run", whole[0])


@pytest.mark.slow
def test_one_that_says_nothing_any_more_is_taken_for_dead(tmp_path):
    first, second = _start(tmp_path / "run", "--steps", 10**7)
    _signal_when(tmp_path / "run" / "training" / "checkpoint-00000060.safetensors", second, signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        _, told = first.communicate(timeout=120)
    finally:
        first.kill()
        second.kill()
        second.communicate()
    assert time.monotonic() - stopped < 90
    assert first.returncode not in (0, None)
    assert "stopped sending heartbeats" in told


def test_processes_with_other_settings_end_in_one_line_each(tmp_path):
    for code, _, told in _ended(_start(tmp_path / "run", others=("--seed", 5))):
        assert code == 2
        (line,) = [line for line in told.splitlines() if line.startswith("error: ")]
        assert line == "error: process 1: other settings or data than process 0's; start all processes alike"
    assert not (tmp_path / "run").exists()


def test_what_stops_the_first_process_stops_all_in_one_line_each(whole):
    (code, _, told), (other_code, _, other_told) = _ended(_start(whole[0]))
    assert (code, other_code) == (2, 2)
    assert f"error: {whole[0]}: holds a finished run; name another folder" in told.splitlines()
    assert f"error: process 0: {whole[0]}: holds a finished run; name another folder" in other_told.splitlines()


_MEET = """
import sys, jax
from sentiment.commands.cli import run
from sentiment.training.parallel.processes import joined
"""


def test_one_that_is_missing_is_not_waited_for_for_ever():
    for process in (0, 1):
        address = _address()
        code = f"{_MEET}\ndef main():\n with joined({address!r}, 2, {process}, wait=3): print('met')\nrun(main)"
        ((status, out, told),) = _ended([_python("-c", code)])
        assert (status, out) == (2, "")
        expected = f"error: {address}: not all processes have come within 3 s; start all of them with the same address"
        assert told.splitlines()[-1] == f"{expected} and number"


def test_slurm_is_asked_on_request():
    code = f"{_MEET}\nwith joined('auto', None, None): print(jax.process_count(), jax.distributed.is_initialized())"
    slurm = {"JOB_ID": "7", "STEP_NODELIST": "localhost", "NTASKS": "1", "PROCID": "0", "LOCALID": "0"}
    ((status, out, told),) = _ended([_python("-c", code, **{f"SLURM_{name}": value for name, value in slurm.items()})])
    assert (status, out) == (0, "1 True\n"), told


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("", 2, 1), "give --coordinator HOST:PORT, --processes and --process, all three"),
        (("localhost:1", None, 1), "all three"),
        (("localhost", 2, 1), "--coordinator localhost --processes 2 --process 1: must be HOST:PORT"),
        (
            ("localhost:1", 2, 2),
            "--process 2: must be HOST:PORT, how many there are, and which this is",
        ),
        (("auto", None, None), "--coordinator auto: "),
    ],
)
def test_flags_that_do_not_fit_are_refused_in_one_line(flags, told):
    with pytest.raises(InputError) as raised, joined(*flags):
        pass
    assert told in str(raised.value)
