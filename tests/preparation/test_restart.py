"""A preparation that is cut off anywhere, or whose files are damaged: the same call ends with the same bytes."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_tweets import contents, tweets, write
from small_disk import FullDisk

from sentiment.errors import InputError
from sentiment.preparation.prepare import prepare
from sentiment.storage import files
from sentiment.training.train import train

BINDINGS = ["Recipe.stripped_copies = True"]


@pytest.fixture
def source(tmp_path) -> str:
    rows = [["text", "label"], *tweets(200)]
    rows[50][0] = ""  # so that there are bad rows to list
    return write(tmp_path / "a.csv", rows)


def _prepared(source: str, folder: Path) -> dict[str, bytes]:
    prepare([source], "mean", folder, BINDINGS, processes=1, block_rows=30)
    return contents(folder)


@pytest.fixture
def whole(source, tmp_path) -> dict[str, bytes]:
    return _prepared(source, tmp_path / "whole")


class _Killed(BaseException):
    pass


def test_cut_off_before_and_after_any_file_appears(source, whole, tmp_path, monkeypatch):
    replace, sync = Path.replace, files.sync_folder
    moments = 0
    for cut_at in range(1, 100):
        moments = 0

        def moment(cut_at=cut_at):
            nonlocal moments
            moments += 1
            if moments == cut_at:
                raise _Killed

        def appear(path, target, moment=moment):
            moment()
            return replace(path, target)

        def appeared(folder, moment=moment):
            sync(folder)
            moment()

        folder = tmp_path / str(cut_at)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", appear)
            patched.setattr(files, "sync_folder", appeared)
            try:
                _prepared(source, folder)
                break
            except _Killed:
                pass
        assert _prepared(source, folder) == whole, f"cut off at moment {cut_at}"
    assert moments >= 2 * (1 + 7 + 4 + 7 + 1)  # the plan, the blocks, what they decide, the shards, the manifest


@pytest.mark.timeout(240)
def test_killed_with_9_at_any_time(source, whole, tmp_path):
    call = f"prepare([{source!r}], 'mean', sys.argv[1], {BINDINGS!r}, processes=2, block_rows=30)"
    program = f"import sys; from sentiment.preparation.prepare import prepare; {call}"
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "timed")], check=True, timeout=120)
    seconds = time.monotonic() - started
    for share in (0.55, 0.7, 0.8, 0.9):
        folder = tmp_path / str(share)
        process = subprocess.Popen([sys.executable, "-c", program, str(folder)])
        time.sleep(share * seconds)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        time.sleep(0.5)  # its children end when they see that it is gone
        assert _prepared(source, folder) == whole, f"killed after {share:.0%} of its time"


@pytest.mark.parametrize("damage", ["missing", "cut short", "altered"])
@pytest.mark.parametrize(
    "name", ["shard-000003.safetensors", "labels.safetensors", "prepared.json", "vocabulary.txt", "bad_rows.csv"]
)
def test_a_damaged_file_is_a_line_and_is_made_anew(source, whole, tmp_path, name, damage):
    folder = tmp_path / "whole"
    data = whole[name]
    if damage == "missing":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data[: len(data) // 2] if damage == "cut short" else data[:-9] + b"?" + data[-8:])
    with pytest.raises(InputError) as refused:
        train("mean", [f"load_corpus.source = {str(folder)!r}"], tmp_path / "run")
    assert name in str(refused.value)
    assert "give the same `sentiment prepare` again" in str(refused.value)
    assert _prepared(source, folder) == whole


def test_a_folder_that_isnt_finished_trains_nothing(source, whole, tmp_path):
    (tmp_path / "whole" / "manifest.json").unlink()
    with pytest.raises(InputError, match="not prepared to its end"):
        train("mean", [f"load_corpus.source = {str(tmp_path / 'whole')!r}"], tmp_path / "run")


def test_a_folder_of_another_preparation_is_left_alone(source, whole, tmp_path):
    folder = tmp_path / "whole"
    with pytest.raises(InputError, match="other settings"):
        prepare([source], "mean", folder, ["Vocabulary.min_count = 2"], processes=1, block_rows=30)
    os.utime(source, ns=(1, 1))
    with pytest.raises(InputError, match="the source has changed"):
        _prepared(source, folder)
    assert contents(folder) == whole
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        _prepared(source, tmp_path / "other")


def test_a_disk_that_is_full_at_any_time_loses_nothing(source, whole, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        disk = FullDisk(patched)
        _prepared(source, tmp_path / "counted")
    for full_at in range(1, disk.uses, max(1, disk.uses // 25)):
        folder = tmp_path / f"full-{full_at}"
        with monkeypatch.context() as patched:
            FullDisk(patched, full_at)
            with pytest.raises(OSError) as full:
                _prepared(source, folder)
        assert full.value.errno == errno.ENOSPC
        assert _prepared(source, folder) == whole
        shutil.rmtree(folder)


def test_two_preparations_dont_share_a_folder(source, tmp_path):
    with files.locked(_made(tmp_path / "p") / ".lock"), pytest.raises(InputError, match="another preparation"):
        _prepared(source, tmp_path / "p")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_messages_are_one_line(script, elsewhere, source):
    answer = script("prepare", source, "--config", "mean", "--output", source)
    assert answer.code == 2
    assert re.fullmatch(r"error: [^\n]+\n", answer.err)
