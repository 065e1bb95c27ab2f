"""Whatever is changed in a run's files, prediction answers as before, or says in one line what is wrong.

A manifest is no signature: whoever changes a file can recompute it, and here it is recomputed. What is still a run,
such as one with other labels, is another run and may answer otherwise: such changes are `LEGAL`.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from json_mutations import INFINITY, NAN, json_mutations

from sentiment.storage.files import sha256_of

TEXT = "so happy today"


def _other_mutations(run: Path) -> Iterator[tuple[str, str, bytes]]:
    lines = (run / "vocabulary.txt").read_bytes().splitlines(keepends=True)
    for n in range(0, len(lines), 5):
        for words, new in (("gone", []), ("twice", [lines[n]] * 2), ("empty", [b"\n"]), ("\\xff", [b"\xff\n"])):
            yield f"vocabulary line {n} {words}", "vocabulary.txt", b"".join([*lines[:n], *new, *lines[n + 1 :]])
    for name in ("model.json", "calibration.json", "manifest.json", "vocabulary.txt", "model.onnx"):
        whole = (run / name).read_bytes()
        for size in (0, 1, len(whole) // 2, len(whole) - 1):
            yield f"{name} of {size} bytes", name, whole[:size]
    onnx = (run / "model.onnx").read_bytes()
    for at in range(150):  # before the weights' values
        yield f"model.onnx, byte {at}", "model.onnx", onnx[:at] + bytes([onnx[at] ^ 0x55]) + onnx[at + 1 :]


def _mutations(run: Path) -> list[tuple[str, str, bytes]]:
    found = [(what, name, data) for name in FILES for what, data in json_mutations(run, name)]
    return found + list(_other_mutations(run))


FILES = ("model.json", "calibration.json", "manifest.json")

# Changes that leave a run: other labels, a name, preprocessing or features of another model.
LEGAL = (
    "label_names/",
    "corpus/",
    "preprocessor",
    "features",
    "manifest.json sha256/",
    "thresholds",
    "temperature = 0.5",
)


@pytest.fixture
def mutated(small_run, tmp_path):
    folder = tmp_path / "mutated"
    shutil.copytree(small_run, folder)
    manifest = json.loads((folder / "manifest.json").read_text())

    def put(name: str, data: bytes) -> Path:
        for each in ("model.json", "calibration.json", "manifest.json", "vocabulary.txt", "model.onnx"):
            shutil.copy(small_run / each, folder / each)
        (folder / name).write_bytes(data)
        if name != "manifest.json":
            sha256 = manifest["sha256"] | {name: sha256_of(folder / name)}
            (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": sha256}))
        return folder

    return put


def _assert_answers_or_one_line(answer, before, labels, what):
    if answer.code == 2:
        assert answer.out == "", what
        assert answer.err.count("\n") == 1, (what, answer.err)
        assert "Traceback" not in answer.err, what
        return
    assert answer.code == 0, (what, answer.err)
    if not any(words in what for words in LEGAL):
        assert answer.out == before, what
    found = json.loads(answer.out)["probabilities"]
    assert sum(found.values()) == pytest.approx(1), what
    assert all(0 <= probability <= 1 for probability in found.values()), what
    assert len(found) == len(labels), what


def test_a_thousand_mutations_of_a_run(mutated, small_run, script):
    mutations = _mutations(small_run)
    assert len(mutations) >= 1000
    before = script("predict", "--run", small_run, "--json", TEXT).out
    labels = json.loads((small_run / "model.json").read_text())["label_names"]
    for what, name, data in mutations:
        answer = script("predict", "--run", mutated(name, data), "--json", TEXT)
        _assert_answers_or_one_line(answer, before, labels, what)


WORST = {
    "temperature NaN": ("calibration.json", "temperature", NAN),
    "temperature 0": ("calibration.json", "temperature", 0),
    "temperature -1": ("calibration.json", "temperature", -1),
    "temperature infinite": ("calibration.json", "temperature", INFINITY),
    "two labels alike": ("model.json", "label_names", ["a", "a", "b"]),
    "three outputs for two labels": ("model.json", "label_names", ["a", "b"]),
    "a prior shift of too few classes": ("calibration.json", "prior_shift", [0.5]),
    "a prior shift that is no list": ("calibration.json", "prior_shift", {"sad": 0.5}),
    "a prior shift of a million": ("calibration.json", "prior_shift", [1e6] * 3),
    "facts of too few weights": ("calibration.json", "out_of_domain", {"offset": 0, "weights": [1.0]}),
    "facts without an offset": ("calibration.json", "out_of_domain", {"weights": [1.0] * 11}),
    "facts weighed by NaN": ("calibration.json", "out_of_domain", {"offset": 0, "weights": [NAN] * 11}),
    "a threshold above 1": ("calibration.json", "thresholds", {"0.8": {"sad": 1.5}}),
    "a threshold of no label": ("calibration.json", "thresholds", {"0.8": {"furious": 0.5}}),
    "an unknown task": ("model.json", "task", "guess"),
    "unknown features": ("model.json", "features", {"kind": "Pickle"}),
    "a file outside": ("manifest.json", "sha256", {"../secret": "0" * 64}),
    "an absolute file": ("manifest.json", "sha256", {"/etc/passwd": "0" * 64}),
}


@pytest.mark.parametrize("what", WORST)
def test_what_gave_wrong_answers_or_a_traceback_is_refused(mutated, small_run, script, what):
    name, key, value = WORST[what]
    facts = json.loads((small_run / name).read_text()) | {key: value}
    for command in (("predict", "--json", TEXT), ("evaluate",), ("report",)):
        verb, *rest = command
        answer = script(verb, "--run", mutated(name, json.dumps(facts).encode()), *rest)
        assert answer.code == 2, (command, answer)
        assert name in answer.err or "model.onnx" in answer.err or "weights" in answer.err
        assert answer.err.count("\n") == 1


def test_a_file_that_is_a_link_out_of_the_folder_is_refused(mutated, small_run, script, tmp_path):
    folder = mutated("model.json", (small_run / "model.json").read_bytes())
    (folder / "vocabulary.txt").rename(tmp_path / "elsewhere.txt")
    (folder / "vocabulary.txt").symlink_to(tmp_path / "elsewhere.txt")
    answer = script("predict", "--run", folder, TEXT)
    assert answer.code == 2
    assert "vocabulary.txt: a link that leads out of its folder" in answer.err
