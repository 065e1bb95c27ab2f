"""A training on a Ray cluster comes to what one machine's does, though its processes are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.storage.tensors import load_tensors

SETTINGS = ["mean_classifier.dropout = 0.3", "mean_classifier.d_embedding = 8"]
SETTINGS += ["Recipe.checkpoint_every = 20", "Recipe.eval_every = 100"]
FLAGS = ["--config", "mean", "--corpus", FIXTURES / "moods.csv", "--label", "mood"]
FLAGS += [flag for setting in SETTINGS for flag in ("--set", setting)]
PATIENCE = 500  # seconds


def _trained(run: Path, *flags: object) -> subprocess.Popen:
    command = [sys.executable, ROOT / "scripts" / "train.py", *FLAGS, "--run", run, *flags]
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": ""}
    return subprocess.Popen(
        list(map(str, command)),
        cwd=run.parent,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finished(process: subprocess.Popen) -> str:
    try:
        printed, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0, printed
    return printed


def _assert_close(run: Path, other: Path) -> None:
    ours, theirs = (load_tensors(each / "weights.safetensors")[0] for each in (run, other))
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        np.testing.assert_allclose(tensor, theirs[name], rtol=0, atol=1e-5, err_msg=name)


def _process_in(folder: Path) -> int:
    """Waits for one of Ray's processes that trains in a folder; returns its number."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for each in Path("/proc").glob("[0-9]*"):
            try:
                if b"ray::_Process" in (each / "cmdline").read_bytes() and (each / "cwd").resolve() == folder:
                    return int(each.name)
            except OSError:  # it has ended meanwhile, or is somebody else's
                continue
        time.sleep(0.05)
    raise AssertionError("no process of Ray trains there")


def test_one_process_of_a_cluster_trains_to_what_one_here_does(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    _finished(_trained(tmp_path / "here" / "run", "--steps", 30))
    printed = _finished(_trained(tmp_path / "there" / "run", "--steps", 30, "--ray", "local"))
    assert "done        validation accuracy" in printed
    _assert_close(tmp_path / "here" / "run", tmp_path / "there" / "run")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds Ray's processes in /proc")
def test_two_processes_of_which_one_is_killed_train_to_what_one_here_does(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    _finished(_trained(tmp_path / "here" / "run", "--steps", 400))
    training = _trained(tmp_path / "there" / "run", "--steps", 400, "--ray", "local", "--workers", 2)
    checkpoint = tmp_path / "there" / "run" / "training" / "checkpoint-00000060.safetensors"
    while not checkpoint.exists():
        assert training.poll() is None, training.communicate(timeout=PATIENCE)
        time.sleep(0.002)
    os.kill(_process_in(tmp_path / "there"), signal.SIGKILL)
    printed = _finished(training)
    assert "a process of the training was lost" in printed
    assert "(resumed)" in printed
    _assert_close(tmp_path / "here" / "run", tmp_path / "there" / "run")
    ours, theirs = (json.loads((tmp_path / each / "run" / "metrics.json").read_text()) for each in ("here", "there"))
    assert ours["validation_accuracy"] == theirs["validation_accuracy"]


def test_what_the_training_refuses_is_one_line_here(tmp_path):
    process = _trained(tmp_path / "run", "--ray", "local", "--set", "Recipe.no_such = 1")
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2
    assert "error:" in printed
    assert "Traceback" not in printed
    assert "no_such" in printed.splitlines()[-1]
    assert not (tmp_path / "run").exists()
