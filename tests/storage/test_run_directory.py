"""A run directory vouches for its files, and is never taken for what it isn't."""

import json
import os
import shutil

import pytest
from file_mutations import flipped_bits
from stored_runs import CONFIG, FILES, METRICS, MODEL, VOCABULARY, begun, finished, refusal

from sentiment.errors import InputError
from sentiment.storage.manifest import read_json, to_json
from sentiment.storage.run_directory import (
    FORMAT,
    RunDirectory,
)


@pytest.fixture
def run(tmp_path):
    return finished(tmp_path / "run")


def test_a_finished_run_has_its_files_and_vouches_for_them(run):
    assert run.finished
    run.verify()
    assert sorted(os.listdir(run.path)) == sorted([*FILES, "manifest.json", "training"])  # noqa: PTH208
    assert run.config.read_text() == CONFIG
    assert run.vocabulary.read_bytes() == VOCABULARY
    assert read_json(run.model) == MODEL | {"format": FORMAT}
    assert read_json(run.metrics) == METRICS


def test_a_run_can_be_moved_and_what_lies_beside_its_files_does_not_matter(run, tmp_path):
    (run.path / "notes.txt").write_text("mine")
    moved = RunDirectory(run.path.rename(tmp_path / "elsewhere"))
    shutil.rmtree(moved.training)
    moved.verify()


def test_json_is_for_people_to_read(run):
    text = run.model.read_text("utf-8")
    assert "glad 😀" in text
    assert text.count("\n") > 5
    assert text.endswith("}\n")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(run, name):
    (run.path / name).unlink()
    told = refusal(run.verify)
    assert told.startswith(f"{run.path / name}: missing")
    assert "train again" in told


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["altered", "cut short", "emptied", "longer"])
def test_an_altered_file_is_named(run, name, how):
    file = run.path / name
    data = file.read_bytes()
    file.write_bytes(
        {
            "altered": bytes([data[0] ^ 1]) + data[1:],
            "cut short": data[:-1],
            "emptied": b"",
            "longer": data + b"\n",
        }[how]
    )
    assert refusal(run.verify).startswith(f"{file}: altered or cut short")


def test_a_folder_in_a_files_place_is_told(run):
    run.metrics.unlink()
    run.metrics.mkdir()
    assert str(run.metrics) in refusal(run.verify)


def test_a_manifest_of_another_format_says_which(run):
    manifest = run.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT + 1}'))
    told = refusal(run.verify)
    assert told.startswith(f"{manifest}: format {FORMAT + 1}, this program reads {FORMAT}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"sha256": {}}',
        '{"format": 1}',
        '{"format": 1, "sha256": {}}',
        '{"format": 1, "sha256": []}',
        '{"format": 1, "sha256": "abc"}',
        "\ud83d",
    ],
)
def test_a_manifest_that_is_none_is_refused_in_one_line(run, text):
    (run.path / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert str(run.path) in refusal(run.verify)


def test_one_flipped_bit_in_the_manifest_is_noticed(run):
    manifest = run.path / "manifest.json"
    whole = manifest.read_bytes()
    for altered in flipped_bits(whole):
        manifest.write_bytes(altered)
        try:
            run.verify()
        except InputError:
            continue
        assert json.loads(altered) == json.loads(whole), "only a blank may change unnoticed"


@pytest.mark.parametrize("n", [0, 1])
def test_an_interrupted_finish_leaves_an_unfinished_run(tmp_path, monkeypatch, n):
    run = begun(tmp_path / "run")
    run.weights.write_bytes(b"weights")
    replacements = []
    really_replace = os.replace

    def stop(*arguments, **kwargs):
        replacements.append(arguments)
        if len(replacements) > n:
            raise KeyboardInterrupt
        return really_replace(*arguments, **kwargs)

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        run.finish(METRICS)
    assert not run.finished
    assert "not a finished run" in refusal(run.verify)


def test_a_run_that_is_not_there_or_not_finished_is_refused_with_the_remedy(tmp_path):
    assert "no such run; `make train` makes one" in refusal(RunDirectory(tmp_path / "none").verify)
    told = refusal(begun(tmp_path / "run").verify)
    assert told == f"{tmp_path / 'run'}: not a finished run; train again with --run {tmp_path / 'run'} to finish it"


def test_a_finish_without_weights_leaves_no_manifest(tmp_path):
    run = begun(tmp_path / "run")
    with pytest.raises(FileNotFoundError):
        run.finish(METRICS)
    assert not run.finished


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1]", b'"text"', b"{'a': 1}"])
def test_what_is_no_json_object_is_refused_by_name(tmp_path, data):
    file = tmp_path / "model.json"
    file.write_bytes(data)
    assert refusal(read_json, file).startswith(f"{file}: not ")


def test_json_that_was_written_is_read_back(tmp_path):
    (tmp_path / "file.json").write_text(to_json(MODEL), "utf-8")
    assert read_json(tmp_path / "file.json") == MODEL
