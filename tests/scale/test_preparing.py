"""A corpus that a Ray cluster prepares has the bytes that one machine gives it, whatever becomes of the processes."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from made_tweets import contents, tweets, write

from sentiment.errors import InputError
from sentiment.preparation.prepare import prepare
from sentiment.scale.cluster import connected

BINDINGS = ["Recipe.stripped_copies = True"]
BLOCK_ROWS = 100


@pytest.fixture(scope="module")
def cluster():
    with connected("local") as compute:
        yield compute


@pytest.fixture
def source(tmp_path) -> str:
    return write(tmp_path / "a.csv", [["text", "label"], *tweets(550)])


@pytest.fixture
def here(source, tmp_path) -> dict[str, bytes]:
    prepare([source], "mean", tmp_path / "here", BINDINGS, processes=1, block_rows=BLOCK_ROWS)
    return contents(tmp_path / "here")


@dataclass(frozen=True)
class _KilledOnce:
    """Computes a function, in a process that is killed after the first batch: its answer never comes."""

    function: Callable
    marker: Path

    def __call__(self, batch):
        result = self.function(batch)
        if not self.marker.exists():
            self.marker.write_text("")
            (self.function.folder / ".half-written.part").write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return result


@pytest.mark.slow
def test_a_cluster_prepares_the_same_bytes_though_a_process_is_killed_in_each_stage(cluster, source, here, tmp_path):
    markers = tmp_path / "killed"
    markers.mkdir()

    def compute(function, batches):
        return cluster(_KilledOnce(function, markers / type(function).__name__), batches)

    prepare([source], "mean", tmp_path / "there", BINDINGS, block_rows=BLOCK_ROWS, compute=compute)
    assert {path.name for path in markers.iterdir()} == {"BlockReader", "TokenCounter", "BlockEncoder"}
    assert contents(tmp_path / "there") == here


def test_what_one_machine_began_a_cluster_ends(cluster, source, here, tmp_path):
    (tmp_path / "here" / "shard-000002.safetensors").unlink()
    (tmp_path / "here" / "labels.safetensors").unlink()
    prepare([source], "mean", tmp_path / "here", BINDINGS, block_rows=BLOCK_ROWS, compute=cluster)
    assert contents(tmp_path / "here") == here


def test_a_folder_that_the_cluster_does_not_share_is_one_line(source, tmp_path):
    def compute(function, batches):
        yield from (1 for _ in batches)

    with pytest.raises(InputError, match="name a folder on storage that all its machines share"):
        prepare([source], "mean", tmp_path / "there", compute=compute)


def test_the_command_takes_a_cluster(script, source, tmp_path):
    flags = [source, "--config", "mean", "--output", tmp_path / "there", "--ray"]
    answer = script("prepare", *flags, "local", "--processes", 2)
    assert answer.code == 2
    assert "leave --processes out" in answer.err
    answer = script("prepare", *flags, "127.0.0.1:1")
    assert answer.code == 2
    assert "no Ray there" in answer.err
