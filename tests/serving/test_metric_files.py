"""Room for the metrics of several workers is taken at the start, or the service doesn't start."""

import os

import pytest
from small_disk import FullDisk

from sentiment.serving import metric_files


def test_each_worker_takes_files_that_lie_on_the_disk_whole(tmp_path):
    metric_files.reserve(tmp_path, 1)
    assert not list(tmp_path.glob("*.db")), "which prometheus_client would read"
    metric_files.take(tmp_path)
    names = {f"{kind}_{os.getpid()}.db" for kind in ("counter", "histogram")}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        status = (tmp_path / name).stat()
        assert 512 * status.st_blocks >= status.st_size > 0, "sparse: writing to it could end the process"
        (tmp_path / name).unlink()
    metric_files.take(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == names, "of a worker in place of one that died"


def test_without_room_the_file_is_named(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        FullDisk(patched, full_at=2)
        with pytest.raises(OSError, match=r"No space left on device.*counter-0\.spare"):
            metric_files.reserve(tmp_path, 2)
