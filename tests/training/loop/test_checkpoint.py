"""The newest sound checkpoint is found, and nothing else is opened."""

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from poison import Poison

from sentiment.errors import InputError
from sentiment.storage.tensors import save_tensors
from sentiment.training.loop.checkpoint import KEPT, Checkpoint, Facts, load_checkpoint, newest_checkpoint

HISTORY = {"eval": {"metrics/Accuracy": [[1, 0.5], [10, 0.1 + 0.2]]}}


def _checkpoint(step: int, best: tuple[int, ...] = ()) -> Checkpoint:
    facts = Facts(step, HISTORY, {"steps": 3.0, "loss": 0.1 + 0.2}, best, 1.5)
    return Checkpoint(facts, {"weights/0": np.full(3, step, np.float32)})


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    _checkpoint(10).save(tmp_path)
    found = newest_checkpoint(tmp_path)
    assert (found.facts.step, found.facts.history, found.facts.sums) == (10, HISTORY, {"steps": 3.0, "loss": 0.1 + 0.2})
    assert found.tensors.keys() == {"weights/0"}
    np.testing.assert_array_equal(found.tensors["weights/0"], np.full(3, 10, np.float32))


def test_the_two_newest_are_kept(tmp_path):
    for step in (1, 10, 20, 100):
        _checkpoint(step).save(tmp_path)
    assert KEPT == 2
    assert _names(tmp_path) == ["checkpoint-00000020.safetensors", "checkpoint-00000100.safetensors"]
    assert newest_checkpoint(tmp_path).facts.step == 100


def _steps(folder: Path) -> list[int]:
    return [int(name[11:19]) for name in _names(folder)]


def test_the_best_stays_as_long_as_a_checkpoint_that_stays_knows_it(tmp_path):
    left = []
    for step, best in ((10, 10), (20, 10), (30, 10), (40, 40), (50, 40), (60, 40), (70, 70)):
        _checkpoint(step, (best,)).save(tmp_path)
        left.append(_steps(tmp_path))
    assert left == [[10], [10, 20], [10, 20, 30], [10, 30, 40], [40, 50], [40, 50, 60], [40, 60, 70]]


def test_the_best_by_two_metrics_both_stay(tmp_path):
    for step in range(1, 7):
        _checkpoint(step, (min(step, 2), min(step, 3))).save(tmp_path)
    assert _steps(tmp_path) == [2, 3, 5, 6]


def test_a_damaged_checkpoint_does_not_keep_a_good_one_from_being_written(tmp_path):
    for step in (1, 2):
        _checkpoint(step, (1,)).save(tmp_path)
    _damage(tmp_path / "checkpoint-00000002.safetensors")
    _checkpoint(3, (1,)).save(tmp_path)
    assert _steps(tmp_path) == [1, 2, 3]


def test_weights_by_a_checkpoints_name_are_no_checkpoint(tmp_path):
    save_tensors(tmp_path / "checkpoint-00000009.safetensors", {}, {"steps": 9})
    with pytest.raises(InputError, match="not a checkpoint of this program"):
        load_checkpoint(tmp_path / "checkpoint-00000009.safetensors")


def test_an_old_one_goes_only_after_the_new_one_is_whole(tmp_path, monkeypatch):
    for step in (1, 2):
        _checkpoint(step).save(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        _checkpoint(3).save(tmp_path)
    assert _names(tmp_path) == ["checkpoint-00000001.safetensors", "checkpoint-00000002.safetensors"]


def test_without_checkpoints_there_is_none(tmp_path):
    assert newest_checkpoint(tmp_path) is None
    assert newest_checkpoint(tmp_path / "nowhere") is None


def test_a_damaged_newest_is_passed_over_and_told(tmp_path, capsys):
    for step in (10, 20):
        _checkpoint(step).save(tmp_path)
    _damage(tmp_path / "checkpoint-00000020.safetensors")
    assert newest_checkpoint(tmp_path).facts.step == 10
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"passed over: {tmp_path / 'checkpoint-00000020.safetensors'}: cut short")
    assert err.count("\n") == 1


def test_training_on_replaces_the_damaged_one(tmp_path, capsys):
    for step in (10, 20):
        _checkpoint(step).save(tmp_path)
    _damage(tmp_path / "checkpoint-00000020.safetensors")
    _checkpoint(20).save(tmp_path)
    assert newest_checkpoint(tmp_path).facts.step == 20
    assert capsys.readouterr().err == ""


def test_if_all_are_damaged_the_user_is_told_what_to_do(tmp_path, capsys):
    for step in (10, 20):
        _checkpoint(step).save(tmp_path)
        _damage(tmp_path / f"checkpoint-000000{step}.safetensors")
    with pytest.raises(InputError) as raised:
        newest_checkpoint(tmp_path)
    assert str(raised.value) == f"{tmp_path}: no checkpoint can be read; delete the run's folder to start anew"
    assert capsys.readouterr().err.count("passed over: ") == 2


FOREIGN = (
    "model.pkl.gz",
    "model.weights.npy.gz",
    "data_counters0.pkl",
    "checkpoint-1.pkl",
    "checkpoint-00000030",
    "checkpoint-00000030.pkl",
    "checkpoint-00000030.safetensors.pkl",
    "checkpoint-30.safetensors",
    "checkpoint-000000030.safetensors",
    "checkpoint-latest.safetensors",
    ".checkpoint-00000030.safetensors.abc.part",
)


@pytest.fixture
def poisoned(tmp_path):
    """A folder of foreign files, each of which makes the file `mark` when it is unpickled."""
    folder = tmp_path / "training"
    folder.mkdir()
    poison = pickle.dumps(Poison(tmp_path / "mark"))
    for name in FOREIGN:
        (folder / name).write_bytes(gzip.compress(poison) if name.endswith(".gz") else poison)
    return folder


def test_foreign_files_are_neither_opened_nor_deleted(poisoned, tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("sentiment.training.loop.checkpoint.load_tensors", opened.append)
    assert newest_checkpoint(poisoned) is None
    assert opened == []
    monkeypatch.undo()
    for step in (1, 2, 3):
        _checkpoint(step).save(poisoned)
    assert newest_checkpoint(poisoned).facts.step == 3
    assert set(FOREIGN) < set(_names(poisoned))
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "mark").exists()


def test_a_pickle_by_a_checkpoints_name_is_passed_over_and_not_run(poisoned, tmp_path, capsys):
    _checkpoint(20).save(poisoned)
    (poisoned / "checkpoint-00000030.pkl").rename(poisoned / "checkpoint-00000030.safetensors")
    assert newest_checkpoint(poisoned).facts.step == 20
    assert "checkpoint-00000030.safetensors: cut short or not written by this program" in capsys.readouterr().err
    assert not (tmp_path / "mark").exists()
    pickle.loads((poisoned / "checkpoint-00000030.safetensors").read_bytes())  # noqa: S301 - the poison works
    assert (tmp_path / "mark").exists()
