"""Whatever is changed in what training reads of a run, it loads as before, or one line says what is wrong.

The files that prediction reads are mutated in tests/prediction/test_mutated_runs.py; these are the others: weights,
config, metrics and the model of 8 bits. The manifest is recomputed each time.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from json_mutations import json_mutations

from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.storage.files import sha256_of
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.trained_model import TrainedModel

TEXTS = ["so happy today", "crying", ""]
VALUES = ["None", "-1", "0", "1e999", "'x'", "()", "@Recipe()", "%gone", "[[[", "{'a': 1}", "10**9", "import os"]

Mutation = tuple[str, str, bytes]  # what was changed, of which file, its new bytes


def _of_config(run: Path) -> Iterator[Mutation]:
    text = (run / "config.gin").read_text()
    for setting in re.finditer(r"^[\w.]+ = .*$", text, re.MULTILINE):
        name = setting[0].partition(" = ")[0]
        for value in VALUES:
            changed = text[: setting.start()] + f"{name} = {value}" + text[setting.end() :]
            yield f"{name} = {value}", "config.gin", changed.encode()
        yield f"{name} left out", "config.gin", (text[: setting.start()] + text[setting.end() :]).encode()


def _of_bytes(run: Path, name: str, beginning: int) -> Iterator[Mutation]:
    whole = (run / name).read_bytes()
    for size in (0, 1, 8, len(whole) // 2, len(whole) - 1):
        yield f"{name} of {size} bytes", name, whole[:size]
    for at in range(beginning):
        yield f"{name}, byte {at}", name, whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]


def _mutations(run: Path) -> list[Mutation]:
    metrics = [(what, "metrics.json", data) for what, data in json_mutations(run, "metrics.json")]
    header = 8 + int.from_bytes((run / "weights.safetensors").read_bytes()[:8], "little")
    return [
        *_of_config(run),
        *metrics,
        *_of_bytes(run, "weights.safetensors", header),
        *_of_bytes(run, "model.int8.onnx", 150),
    ]


def _answers(run: Path) -> list[np.ndarray]:
    RunDirectory(run).verify()
    eight_bits = Predictor.load(run, int8=True)(TEXTS)
    return [
        TrainedModel.load(run).probabilities(TEXTS),
        np.array([list(prediction.probabilities.values()) for prediction in eight_bits]),
    ]


def _answers_or_message(run: Path) -> tuple[list[np.ndarray], str]:
    try:
        return _answers(run), ""
    except InputError as error:
        return [], str(error)


# Settings that say how a run was trained, and nothing of what it answers; or another model's preprocessing.
def _is_legal(what: str) -> bool:
    return what.startswith(("Preprocessor.", "HashedNgrams.", "FixedLength.")) or " = " in what or "left out" in what


def _check(mutations: list[Mutation], small_run: Path, tmp_path: Path) -> int:
    folder = tmp_path / "mutated"
    shutil.copytree(small_run, folder)
    manifest = json.loads((small_run / "manifest.json").read_text())
    before, refused = _answers(small_run), 0
    for what, name, data in mutations:
        (folder / name).write_bytes(data)
        sha256 = manifest["sha256"] | {name: sha256_of(folder / name)}
        (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": sha256}))
        found, message = _answers_or_message(folder)
        refused += bool(message)
        assert "\n" not in message, what
        for new, old in zip(found, before, strict=False):  # none if it was refused
            assert new.shape == old.shape, what
            if not _is_legal(what):
                np.testing.assert_array_equal(new, old, what)
        shutil.copy(small_run / name, folder / name)
    return refused


def test_some_mutations_load_as_before_or_end_in_one_line(small_run, tmp_path):
    mutations = _mutations(small_run)[::9]
    assert _check(mutations, small_run, tmp_path) > len(mutations) / 4


@pytest.mark.slow
def test_every_mutation_loads_as_before_or_ends_in_one_line(small_run, tmp_path):
    mutations = _mutations(small_run)
    assert len(mutations) > 1000
    assert _check(mutations, small_run, tmp_path) > len(mutations) / 4
