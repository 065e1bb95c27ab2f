"""A large file is said to be one before it is read, with the way to train on it from disk."""

from pathlib import Path

import pytest
from paths import FIXTURES

from sentiment.training import large_source
from sentiment.training.large_source import LARGE, on_size

MOODS = FIXTURES / "moods.csv"


def _sparse(path: Path, size: int) -> str:
    with path.open("wb") as file:
        file.truncate(size)
    return str(path)


def test_files_count_together(tmp_path):
    half = [_sparse(tmp_path / f"part-{n}.csv", LARGE // 2) for n in range(2)]
    assert on_size(half[0]) == ""
    for source in (str(tmp_path), str(tmp_path / "part-*.csv")):
        assert on_size(source).startswith(f"{source} has 0.5 GB, all of which is read into memory: `sentiment prepare")


def test_a_name_and_a_prepared_folder_have_no_size(tmp_path):
    _sparse(tmp_path / "shard-000000.safetensors", LARGE)
    (tmp_path / "plan.json").write_text("{}")
    assert [on_size(source) for source in ("auto", "vader", "", str(tmp_path))] == [""] * 4


@pytest.mark.usefixtures("compiled_once")
def test_training_says_it_first(script, elsewhere, monkeypatch):
    monkeypatch.setattr(large_source, "LARGE", 100)
    small = ["--set", "mean_classifier.d_embedding = 4", "--steps", 2]
    told = script("train", "--config", "mean", "--corpus", MOODS, "--label", "mood", *small, "--run", "memory")
    assert told.out.startswith(f"note        {MOODS} has 0.0 GB")
