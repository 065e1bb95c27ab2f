"""Runs of no training, for tests of how they are stored."""

from pathlib import Path

import pytest

from sentiment.errors import InputError
from sentiment.storage.run_directory import RunDirectory

CONFIG = "Recipe.steps = 3\n"
MODEL = {"task": "classify", "label_names": ["glad 😀", "sad"], "preprocessor": {"stem": True}}
VOCABULARY = b"__PAD__\n__</e>__\n__UNK__\nhappi\n"
METRICS = {"steps": 3, "validation_accuracy": 0.5}
FILES = ("config.gin", "model.json", "vocabulary.txt", "weights.safetensors", "metrics.json")


def begun(path: Path) -> RunDirectory:
    """Begins a run."""
    run = RunDirectory(path)
    run.begin(CONFIG, MODEL, VOCABULARY)
    return run


def finished(path: Path, task: str = "classify") -> RunDirectory:
    """Begins a run and finishes it, with weights of no meaning."""
    run = RunDirectory(path)
    run.begin(CONFIG, MODEL | {"task": task}, VOCABULARY)
    run.weights.write_bytes(bytes(range(256)))
    run.finish(METRICS)
    return run


def refusal(call, *arguments) -> str:
    """Returns the one line with which a call refuses its arguments."""
    with pytest.raises(InputError) as raised:
        call(*arguments)
    assert "\n" not in str(raised.value)
    return str(raised.value)
