"""The verb that shows devices, the flag that chooses one, and the line of one whose memory is full."""

import os
import re
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


@pytest.mark.parametrize(
    ("bindings", "line"),
    [
        (
            [],
            "is full with batches of 16: compute each in parts with --set 'Recipe.gradient_accumulation_steps = 2', or",
        ),
        (
            ["Recipe.gradient_accumulation_steps = 2"],
            "is full with batches of 16 in 2 parts: compute each in parts with --set "
            "'Recipe.gradient_accumulation_steps = 4', or train on the CPU with --device cpu",
        ),
        (
            ["Recipe.gradient_accumulation_steps = 16"],
            "is full with batches of 16 in 16 parts: train on the CPU with --device cpu",
        ),
    ],
)
def test_a_full_memory_is_one_line_that_names_a_remedy_while_there_is_one(bindings, line, tmp_path, monkeypatch):
    def full(*_):
        raise jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes.")

    monkeypatch.setattr(Trainer, "many_steps", full)
    source = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    with pytest.raises(InputError, match=re.escape(line)):
        train("mean", [*source, *bindings], tmp_path / "run")


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
