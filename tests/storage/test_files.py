"""A file appears whole or not at all, whatever happens while it is written."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment.storage.files import open_whole, sha256_of, write_whole


@pytest.fixture
def umask():
    """Sets the umask for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def _no_space(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@given(data=st.binary(max_size=200) | st.text(max_size=200).filter(lambda text: text.isprintable()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_what_is_written_is_read_back_and_replaces_what_was_there(tmp_path, data):
    path = tmp_path / "file"
    write_whole(path, "what was there before")
    write_whole(path, data)
    assert path.read_bytes() == (data.encode() if isinstance(data, str) else data)
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208


def test_nobody_sees_the_file_before_it_is_whole(tmp_path):
    path = tmp_path / "file"
    with open_whole(path) as file:
        file.write(b"first half")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == b"first half"


@pytest.mark.parametrize("error", [ValueError("wrong"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
@pytest.mark.parametrize("before", [None, b"old"])
def test_an_error_within_the_block_leaves_what_was_there_and_nothing_else(tmp_path, error, before):
    path = tmp_path / "file"
    if before is not None:
        path.write_bytes(before)

    def write():
        with open_whole(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error)) as raised:
        write()
    assert raised.value is error
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == ([("file", b"old")] if before else [])


def test_a_full_disk_while_writing_keeps_the_old_file_and_is_told_with_its_name(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def write():
        with open_whole(path) as file:
            file.write(b"new")
            _no_space()

    with pytest.raises(OSError) as raised:
        write()
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(path)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("file", b"old")]


def test_a_full_disk_found_when_flushing_keeps_the_old_file_and_is_told_with_its_name(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", _no_space)
    with pytest.raises(OSError) as raised:
        write_whole(path, b"new")
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(path)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("file", b"old")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which this system lacks")
def test_a_disk_that_is_really_full_is_told_with_the_files_name(tmp_path, monkeypatch):
    path = tmp_path / "file"
    really_open = os.fdopen
    monkeypatch.setattr(
        os, "fdopen", lambda handle, mode: os.close(handle) or really_open(os.open("/dev/full", os.O_WRONLY), mode)
    )
    with pytest.raises(OSError) as raised:
        write_whole(path, b"new")
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


def test_an_error_about_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError) as raised, open_whole(tmp_path / "file") as file:
        file.write((tmp_path / "source").read_bytes())
    assert raised.value.filename == str(tmp_path / "source")


def test_ctrl_c_just_after_the_renaming_is_not_turned_into_another_error(tmp_path, monkeypatch):
    really_replace = Path.replace

    def replace(self, target):
        really_replace(self, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_the_data_are_on_disk_before_the_name_and_the_name_before_the_end(tmp_path, monkeypatch):
    events = []
    really_sync, really_replace = os.fsync, Path.replace

    def fsync(handle):
        events.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        really_sync(handle)

    def replace(self, target):
        events.append("rename")
        return really_replace(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_whole(tmp_path / "file", b"new")
    assert events == ["file", "rename", "folder"]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_follow_the_umask(tmp_path, umask, mask, mode):
    umask(mask)
    write_whole(tmp_path / "file", b"")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
    assert umask(0) == mask, "the umask itself must stay"


def test_parent_folders_are_made(tmp_path):
    write_whole(tmp_path / "some" / "where" / "file", "text")
    assert (tmp_path / "some" / "where" / "file").read_text() == "text"


def test_kill_9_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = (
        "import sys, time\n"
        "from sentiment.storage.files import open_whole\n"
        "with open_whole(sys.argv[1]) as file:\n"
        "    file.write(b'new'); file.flush(); print('written', flush=True); time.sleep(60)\n"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert path.read_bytes() == b"old"
    beside = [file.name for file in tmp_path.iterdir() if file != path]
    assert len(beside) == 1
    assert beside[0].startswith(".file.")
    assert beside[0].endswith(".part")


def test_sha256_of_a_file_is_that_of_its_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
