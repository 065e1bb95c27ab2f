"""Files at addresses are read as local ones are, by storage that fails now and then, and put there whole."""

import json
import os
import time
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from made_tweets import contents, tweets, write

from sentiment.corpora import load_corpus
from sentiment.corpora.readers import read_table
from sentiment.download import addresses
from sentiment.download.addresses import fetched, is_address
from sentiment.errors import InputError
from sentiment.preparation.prepare import prepare
from sentiment.storage.files import locked

ROWS = [["text", "label"], *tweets(120)]


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(addresses, "_WAITS_SECONDS", (0.0, 0.0, 0.0))
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture
def local(tmp_path) -> str:
    return write(tmp_path / "tweets.csv", ROWS)


def _put(address: str, path: str) -> str:
    with fsspec.open(address, "wb") as there:
        there.write(Path(path).read_bytes())
    return address


@pytest.mark.parametrize(
    ("source", "is_one"),
    [("s3://a/b.csv", True), ("memory://b", True), ("C://b.csv", False), ("a/b.csv", False), ("-", False)],
)
def test_what_an_address_is(source, is_one):
    assert is_address(source) == is_one


def test_a_file_is_read_as_a_local_one_and_called_by_its_address(local):
    address = _put("memory://bucket/tweets.csv", local)
    there, here = load_corpus(address), load_corpus(local)
    assert there.fingerprint() == here.fingerprint()
    assert (there.name, there.notes, there.provenance.sha256) == (here.name, here.notes, here.provenance.sha256)
    assert there.provenance.source == address
    assert set(read_table(address).files) == {address}


def test_folders_and_patterns_keep_their_names(tmp_path):
    for split in ("train", "test"):
        _put(f"memory://bucket/data/{split}.csv", write(tmp_path / f"{split}.csv", ROWS))
    assert set(read_table("memory://bucket/data").splits) == {"train", "test"}
    found = read_table("memory://bucket/data/tr*.csv")
    assert set(found.files) == {"memory://bucket/data/train.csv"}


def test_a_file_that_has_changed_is_copied_anew_and_no_other_twice(local, tmp_path, capsys):
    address = _put("memory://bucket/tweets.csv", local)
    assert fetched(address).path == fetched(address).path
    assert capsys.readouterr().err.count("Fetching 1 files") == 1
    _put(address, write(tmp_path / "other.csv", ROWS[:50]))
    assert fetched(address).path.read_bytes() == (tmp_path / "other.csv").read_bytes()


def test_a_bad_file_is_one_line_that_names_the_address(tmp_path):
    address = _put("memory://bucket/empty.csv", write(tmp_path / "empty.csv", []))
    with pytest.raises(InputError, match=r"^memory://bucket/empty\.csv: the file is empty"):
        load_corpus(address)


class _Failing(MemoryFileSystem):
    """Storage of which two calls in three fail, or that brings but half a file."""

    calls = 0
    always = False

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("failing://", "memory://"))

    def _fail(self, what: str) -> None:
        _Failing.calls += 1
        if self.always or _Failing.calls % 3:
            raise ConnectionError(f"no answer to {what}")

    def find(self, *args, **kwargs):
        self._fail("find")
        return super().find(*args, **kwargs)

    def get_file(self, path, local, **kwargs):
        _Failing.calls += 1
        super().get_file(path, local, **kwargs)
        if _Failing.calls % 3:
            os.truncate(local, 10)

    def pipe_file(self, *args, **kwargs):
        self._fail("pipe_file")
        return super().pipe_file(*args, **kwargs)


@pytest.fixture
def failing(monkeypatch):
    fsspec.register_implementation("failing", _Failing, clobber=True)
    monkeypatch.setattr(_Failing, "protocol", "failing")
    monkeypatch.setattr(_Failing, "calls", 0)
    return _Failing


@pytest.mark.usefixtures("failing")
def test_storage_that_fails_now_and_then_is_asked_again(local, tmp_path):
    _put("memory://bucket/tweets.csv", local)
    assert load_corpus("failing://bucket/tweets.csv").fingerprint() == load_corpus(local).fingerprint()
    prepare([local], "mean", "failing://bucket/p", processes=1, block_rows=50)
    prepare([local], "mean", tmp_path / "p", processes=1, block_rows=50)
    assert contents(fetched("memory://bucket/p").path) == {
        name: data for name, data in contents(tmp_path / "p").items() if name != ".lock"
    }


def test_storage_that_always_fails_is_one_line(failing, monkeypatch):
    monkeypatch.setattr(failing, "always", True)
    with pytest.raises(InputError) as refused:
        load_corpus("failing://bucket/tweets.csv")
    assert str(refused.value) == (
        "failing://bucket/tweets.csv: the storage failed four times, at last by this: no answer to find: check the "
        "address and the network, then give the same command again"
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://bucket/none.csv", "no such file: check the address"),
        ("nosuch://bucket/a.csv", "Protocol not known: nosuch"),
    ],
)
def test_what_cant_be_had_is_one_line(script, address, said):
    answer = script("corpus", address)
    assert answer.code == 2
    assert answer.err.startswith(f"error: {address}: {said}")
    assert answer.err.count("\n") == 1


@pytest.mark.usefixtures("compiled_once", "elsewhere")
def test_a_corpus_is_prepared_at_an_address_and_trained_on(script, local, tmp_path):
    _put("memory://bucket/tweets.csv", local)
    flags = ["--config", "mean", "--set", "mean_classifier.d_embedding = 4"]
    for _ in range(2):  # the second time it is there
        answer = script("prepare", "memory://bucket/tweets.csv", *flags, "--output", "memory://bucket/p")
        assert answer.code == 0, answer.err
    described = script("corpus", "memory://bucket/p", "--json")
    assert described.code == 0, described.err
    assert json.loads(described.out)["rows"] == 120
    trained = script("train", *flags, "--corpus", "memory://bucket/p", "--steps", 2, "--run", "there")
    assert trained.code == 0, trained.err
    assert script("train", *flags, "--corpus", local, "--steps", 2, "--run", "here").code == 0
    weights = [tmp_path / run / "weights.safetensors" for run in ("there", "here")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


@pytest.fixture
def calls(monkeypatch) -> list[tuple[str, str]]:
    """What storage in memory is asked for: (method, path)."""
    asked: list[tuple[str, str]] = []
    for name in ("find", "glob", "pipe_file"):
        method = getattr(MemoryFileSystem, name)

        def noted(self, path, *args, name=name, method=method, **kwargs):
            asked.append((name, path))
            return method(self, path, *args, **kwargs)

        monkeypatch.setattr(MemoryFileSystem, name, noted)
    return asked


def test_an_address_is_listed_once(local, tmp_path, calls):
    _put("memory://bucket/tweets.csv", local)
    calls.clear()
    load_corpus("memory://bucket/tweets.csv")
    assert [name for name, _ in calls] == ["find"]
    prepare([local], "mean", "memory://bucket/p", processes=1, block_rows=50)
    calls.clear()
    load_corpus("memory://bucket/p")
    assert [name for name, _ in calls] == ["find"]


def test_an_upload_that_failed_goes_on_where_it_was(local, tmp_path, calls, monkeypatch):
    pipe = MemoryFileSystem.pipe_file

    def full(self, path, *args, **kwargs):
        if "shard-000001" in path:
            raise PermissionError("over the quota")
        return pipe(self, path, *args, **kwargs)

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", full)
    with pytest.raises(InputError, match="over the quota"):
        prepare([local], "mean", "memory://bucket/p", processes=1, block_rows=50)
    before = {Path(path).name for name, path in calls if name == "pipe_file"}
    assert "shard-000000.safetensors" in before
    fsspec.filesystem("memory").pipe_file("/bucket/p/labels.safetensors", b"cut off")
    monkeypatch.setattr(MemoryFileSystem, "pipe_file", pipe)
    calls.clear()
    prepare([local], "mean", "memory://bucket/p", processes=1, block_rows=50)
    after = {Path(path).name for name, path in calls if name == "pipe_file"}
    assert before & after == {"labels.safetensors"}
    prepare([local], "mean", tmp_path / "p", processes=1, block_rows=50)
    assert contents(fetched("memory://bucket/p").path) == {
        name: data for name, data in contents(tmp_path / "p").items() if name != ".lock"
    }


def test_a_copy_is_flushed_before_it_takes_its_name(local, monkeypatch):
    _put("memory://bucket/tweets.csv", local)
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    copy = fetched("memory://bucket/tweets.csv")
    assert flushed == [copy.path.stat().st_ino, copy.folder.stat().st_ino]


def test_copies_that_nobody_has_asked_for_in_a_month_are_removed(local):
    copies = [fetched(_put(f"memory://bucket/{name}.csv", local)) for name in ("old", "used", "held", "new")]
    month = time.time() - 31 * 86_400
    locks = [copy.folder.with_name(f"{copy.folder.name}.lock") for copy in copies]
    for lock in locks[:3]:
        os.utime(lock, (month, month))
    with locked(locks[2]):
        fetched("memory://bucket/used.csv")
    assert [copy.folder.exists() for copy in copies] == [False, True, True, True]
    assert fetched("memory://bucket/old.csv").path.read_bytes() == Path(local).read_bytes()
