"""Fetched files are those that are pinned, whole, and fetched once."""

import errno
import os
import socket
import sys
import threading

import pytest
from local_index import LocalIndex, serving
from pinned_file import CONTENT, NAME, distribution

from sentiment.download.cache import cache_folder
from sentiment.download.fetch import fetch_distribution
from sentiment.errors import InputError, UnavailableError


def kept_files() -> set[str]:
    return {path.name for path in (cache_folder() / "distributions").iterdir()} - {".lock"}


@pytest.mark.parametrize("style", ["json", "html"])
def test_a_file_is_fetched_once_told_and_verified(index, style, capsys):
    index.style = style
    path = fetch_distribution(distribution())
    assert path.read_bytes() == CONTENT
    assert kept_files() == {NAME}
    assert index.requests[0][0] == "/simple/some-data/"
    told = capsys.readouterr().err
    assert told == f"Fetching Some.Data 1.0 (0.3 MB, MIT licence) from {index.address}\n"
    asked = len(index.requests)
    assert fetch_distribution(distribution()) == path
    assert len(index.requests) == asked
    assert capsys.readouterr().err == ""


def test_an_interrupted_download_continues_where_it_broke(index):
    index.cut_after = [100_000]
    assert fetch_distribution(distribution()).read_bytes() == CONTENT
    assert [headers.get("Range") for headers in index.file_requests()] == [None, "bytes=100000-"]


def test_an_interrupted_download_starts_anew_where_the_server_knows_no_ranges(index):
    index.cut_after, index.ranges = [100_000], False
    assert fetch_distribution(distribution()).read_bytes() == CONTENT
    assert [headers.get("Range") for headers in index.file_requests()] == [None, "bytes=100000-"]


def test_a_download_that_keeps_breaking_is_continued_by_the_next_call(index):
    index.cut_after = [1000, 1000, 1000]
    with pytest.raises(InputError, match="the connection ended after 3,000 bytes") as raised:
        fetch_distribution(distribution())
    assert "PIP_INDEX_URL" in str(raised.value)
    assert kept_files() == {f"{NAME}.part"}
    assert fetch_distribution(distribution()).read_bytes() == CONTENT
    assert index.file_requests()[-1]["Range"] == "bytes=3000-"
    assert kept_files() == {NAME}


@pytest.mark.parametrize("part", [b"not the beginning", CONTENT[:-1] + b"?", CONTENT + b"too long"])
def test_a_part_that_does_not_fit_is_thrown_away(index, part):
    folder = cache_folder() / "distributions"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.part").write_bytes(part)
    assert fetch_distribution(distribution()).read_bytes() == CONTENT
    assert kept_files() == {NAME}


def test_a_complete_part_is_used_without_a_download(index):
    folder = cache_folder() / "distributions"
    folder.mkdir(parents=True)
    (folder / f"{NAME}.part").write_bytes(CONTENT)
    assert fetch_distribution(distribution()).read_bytes() == CONTENT
    assert index.file_requests() == []


@pytest.mark.parametrize("served", [CONTENT[:-1] + b"?", CONTENT + b"more"])
def test_another_file_under_the_pinned_name_is_refused_and_deleted(index, served):
    index.files[NAME] = served
    with pytest.raises(InputError, match=r"is not the pinned file.*PIP_INDEX_URL") as raised:
        fetch_distribution(distribution())
    assert not isinstance(raised.value, UnavailableError), "a wrong file is no matter of the network"
    assert kept_files() == set()


def test_a_file_damaged_in_the_cache_is_fetched_again(index):
    path = fetch_distribution(distribution())
    path.write_bytes(CONTENT[:-1] + b"?")
    assert fetch_distribution(distribution()).read_bytes() == CONTENT


def test_a_full_disk_leaves_nothing_half_written(index, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            fetch_distribution(distribution())
    assert kept_files() == set()
    assert fetch_distribution(distribution()).read_bytes() == CONTENT


def test_no_network_is_one_line_with_a_remedy(index, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    with pytest.raises(UnavailableError) as raised:
        fetch_distribution(distribution())
    message = str(raised.value)
    assert message.startswith(f"{NAME} can't be fetched from 127.0.0.1:{port} (Connection refused): check the network")
    assert "PIP_INDEX_URL" in message
    assert str(cache_folder()) in message
    assert kept_files() == set()


def test_a_name_that_cannot_be_resolved_is_not_asked_thrice(index, monkeypatch):
    asked = []

    def unresolved(host, *arguments, **options):
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setenv("PIP_INDEX_URL", "http://index.invalid/simple")
    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    with pytest.raises(InputError, match="Temporary failure in name resolution"):
        fetch_distribution(distribution())
    assert asked == ["index.invalid"]


def test_a_server_in_trouble_is_asked_again(index):
    index.statuses = [503, 500]
    assert fetch_distribution(distribution()).read_bytes() == CONTENT


def test_a_refusal_is_final(index):
    index.statuses = [403]
    with pytest.raises(InputError, match="HTTP 403 Forbidden"):
        fetch_distribution(distribution())
    assert len(index.requests) == 1


@pytest.mark.parametrize("missing", ["project", "file"])
def test_an_index_without_the_file_is_named(index, missing):
    if missing == "project":
        index.statuses = [404]
    else:
        del index.files[NAME]
    with pytest.raises(UnavailableError, match=f"the package index {index.address} has no {NAME}: .*PIP_INDEX_URL"):
        fetch_distribution(distribution())


def test_links_to_anything_but_http_are_not_followed(index):
    index.file_host = "file:///nowhere"
    with pytest.raises(InputError, match="has no"):
        fetch_distribution(distribution())


def test_a_password_goes_to_the_index_and_to_no_other_host(index, monkeypatch, capsys):
    monkeypatch.setenv("PIP_INDEX_URL", f"http://reader:p%40ss@{index.address}/simple")
    with serving(LocalIndex()) as other:
        other.files = index.files
        index.file_host = f"http://{other.address}"
        fetch_distribution(distribution())
        assert "Authorization" not in other.requests[0][1]
    assert index.requests[0][1]["Authorization"] == "Basic cmVhZGVyOnBAc3M="
    assert "p@ss" not in capsys.readouterr().err.replace("%40", "@")
    index.file_host = ""
    (cache_folder() / "distributions" / NAME).unlink()
    fetch_distribution(distribution())
    assert "Authorization" in index.file_requests()[0]


def test_two_users_of_one_file_fetch_it_once(index):
    paths = []
    threads = [threading.Thread(target=lambda: paths.append(fetch_distribution(distribution()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 4
    assert len(index.file_requests()) == 1


def test_a_terminal_gets_a_progress_bar(index, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    fetch_distribution(distribution())
    assert "256.0/256.0 kB" in capsys.readouterr().err


def test_the_cache_is_the_users_own_unless_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("SENTIMENT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder().name == "sentiment"
