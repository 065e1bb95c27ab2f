"""The verb that shows devices, the flag that chooses one, and the line of one whose memory is full."""

import os
import subprocess
import sys

import jax
import pytest
from paths import FIXTURES, ROOT

from sentiment import train
from sentiment.errors import InputError
from sentiment.training.step.trainer import Trainer


def test_the_devices_are_shown_with_jaxs_version(script):
    answer = script("devices")
    assert answer.code == 0, answer.err
    first, *devices = answer.out.splitlines()
    assert first.startswith(f"jax {jax.__version__}, jaxlib ")
    assert [line.split()[0] for line in devices] == [f"{each.platform}:{each.id}" for each in jax.devices()]


def test_a_full_memory_is_one_line_that_names_a_smaller_batch(tmp_path, monkeypatch):
    def full(*_):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes.")

    monkeypatch.setattr(Trainer, "many_steps", full)
    source = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    with pytest.raises(InputError, match=r"is full with batches of 16: take less with --set 'Recipe.batch_size = 8'"):
        train("mean", source, tmp_path / "run")


@pytest.mark.parametrize("verb", ["train", "evaluate", "report", "generate", "devices"])
def test_every_verb_that_goes_through_jax_takes_a_device(verb, tmp_path):
    command = [sys.executable, "-m", "sentiment", verb, "--device", "tpu"]
    found_here = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=found_here, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    if verb in ("train", "devices"):
        assert done.stderr.startswith("error: JAX can't use tpu: ")
    else:
        assert "--device" not in done.stderr  # what is missing is a run
