import http.server
import io
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from paths import ROOT

from sentiment.corpora import choose_corpus, load_corpus, twitter_samples
from sentiment.download import nltk_data
from sentiment.download.cache import cache_folder
from sentiment.errors import InputError, UnavailableError

SHARED = ROOT.parent / "shared" / "nltk_data"


def tweets(word: str, count: int = 5000) -> bytes:
    lines = (json.dumps({"id": place, "text": f"{word} tweet {place}"}) for place in range(count))
    return "\n".join(lines).encode() + b"\n"


POSITIVE, NEGATIVE = tweets("glad"), tweets("sad")


def package(positive: bytes = POSITIVE, negative: bytes = NEGATIVE, extra: str | None = None) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("twitter_samples/positive_tweets.json", positive)
        archive.writestr("twitter_samples/negative_tweets.json", negative)
        if extra:
            archive.writestr(extra, "outside")
    return file.getvalue()


@pytest.fixture
def only_folder(monkeypatch, tmp_path):
    """The one NLTK folder of this test, beside an empty cache."""
    folder = tmp_path / "nltk_data"
    (folder / "corpora").mkdir(parents=True)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(nltk_data, "data_folders", lambda: [folder, nltk_data._own_folder()])
    return folder


def unpack(folder: Path, positive: bytes = POSITIVE, negative: bytes = NEGATIVE) -> Path:
    place = folder / "corpora" / "twitter_samples"
    place.mkdir(parents=True)
    (place / "positive_tweets.json").write_bytes(positive)
    (place / "negative_tweets.json").write_bytes(negative)
    return place


def zip_up(folder: Path, data: bytes) -> Path:
    place = folder / "corpora" / "twitter_samples.zip"
    place.write_bytes(data)
    return place


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_twitter_samples_has_the_notebooks_rows_and_split(only_folder, form):
    place = unpack(only_folder) if form == "folder" else zip_up(only_folder, package())
    name, reason = choose_corpus()
    assert (name, str(place) in reason, "\n" in reason) == ("twitter_samples", True, False)
    corpus = load_corpus("auto")
    assert corpus.label_names == ("negative", "positive")
    assert corpus.texts[0] == "glad tweet 0"
    assert corpus.texts[5000] == "sad tweet 0"
    assert corpus.labels.tolist() == [1] * 5000 + [0] * 5000
    train, validation = corpus.splits["train"], corpus.splits["validation"]
    assert train.tolist() == [*range(4000), *range(5000, 9000)]
    assert validation.tolist() == [*range(4000, 5000), *range(9000, 10000)]
    assert "test" not in corpus.splits
    assert "Twitter Developer Agreement" in corpus.provenance.licence
    assert len(corpus.provenance.sha256.split()) == 2


def test_our_data_folders_are_nltks_own(monkeypatch, tmp_path):
    named = f"{tmp_path}{os.pathsep}{os.pathsep}relative/folder"
    program = "import json, nltk.data; print(json.dumps(nltk.data.path))"
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "NLTK_DATA": named},
        capture_output=True,
        text=True,
        check=True,
    )
    monkeypatch.setenv("NLTK_DATA", named)
    assert [str(folder) for folder in nltk_data.data_folders()[:-1]] == json.loads(answer.stdout)


def test_the_script_says_which_corpus_it_took_and_why(tmp_path):
    place = unpack(tmp_path / "nltk_data")
    answer = subprocess.run(
        [sys.executable, ROOT / "scripts" / "corpus.py", "--examples", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NLTK_DATA": str(tmp_path / "nltk_data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, f"Corpus twitter_samples, the notebook's own, from {place}\n")
    assert "validation: 2,000 rows: 1,000 negative, 1,000 positive" in answer.stdout.splitlines()
    assert "example of positive: glad tweet 0" in answer.stdout.splitlines()


@pytest.mark.parametrize(
    ("positive", "message"),
    [
        (tweets("glad", 4321), "positive_tweets.json: 4,321 tweets instead of 5,000: delete the corpus"),
        (POSITIVE[:-9], "positive_tweets.json: line 5000 is no tweet: delete the corpus and download it again"),
        (b'{"id": 1}\n', "line 1 is no tweet"),
        (b'{"text": null}\n', "line 1 is no tweet"),
        (b"[1]\n", "line 1 is no tweet"),
        (b"\xff\n", "line 1 is no tweet"),
    ],
)
def test_damaged_tweets_are_named_with_file_and_line(only_folder, positive, message):
    unpack(only_folder, positive)
    with pytest.raises(InputError) as raised:
        load_corpus("twitter_samples")
    assert message in str(raised.value)


def test_a_broken_zip_file_is_named(only_folder):
    archive = zip_up(only_folder, package()[:-50])
    with pytest.raises(InputError, match=r"twitter_samples\.zip: a broken zip file .*delete it"):
        load_corpus("auto")
    damaged = bytearray(package())
    damaged[5000:5100] = bytes(100)
    archive.write_bytes(damaged)
    with pytest.raises(InputError, match="a broken zip file"):
        load_corpus("auto")


class _Data(http.server.BaseHTTPRequestHandler):
    """NLTK's data server in small: an index with one package."""

    archive = b""
    announced = 0

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        host, port = self.server.server_address
        body = self.archive
        if self.path == "/index.xml":
            url = quoteattr(f"http://{host}:{port}/twitter_samples.zip")
            body = (
                '<nltk_data><packages><package id="twitter_samples" name="T" subdir="corpora" unzip="1" '
                f'size="{len(self.archive)}" unzipped_size="1" checksum="0" url={url} />'
                "</packages><collections></collections></nltk_data>"
            ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def data_server(monkeypatch):
    """Starts NLTK's data server with the given archive."""
    servers = []

    def start(archive: bytes) -> None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Data", (_Data,), {"archive": archive}))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        monkeypatch.setenv("NLTK_DOWNLOAD_URL", f"http://127.0.0.1:{server.server_address[1]}/index.xml")

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def cached_files() -> list[str]:
    return [path.name for path in cache_folder().rglob("*") if path.is_file()]


def test_nltks_downloader_brings_the_tweets_into_our_cache(only_folder, data_server, capsys):
    data_server(package())
    name, reason = choose_corpus()
    assert name == "twitter_samples"
    assert str(cache_folder()) in reason
    assert "16.0 MB; under the Twitter Developer Agreement" in capsys.readouterr().err
    assert cached_files() == ["twitter_samples.zip"]
    assert load_corpus("auto").texts[9999] == "sad tweet 4999"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (package()[:-50], "File is not a zip file"),
        (package(extra="../../outside.txt"), "Zip Slip blocked"),
        (package().replace(b"negative_tweets", b"naughty__tweets"), "what it fetched is not the package"),
    ],
)
def test_an_archive_that_is_not_the_package_is_refused_and_vader_chosen(only_folder, data_server, archive, reason):
    data_server(archive)
    name, line = choose_corpus()
    assert name == "vader"
    assert reason in line
    assert "set NLTK_DATA to a folder" in line
    assert "\n" not in line
    assert cached_files() == []
    assert not list(only_folder.parent.rglob("outside.txt"))


def test_without_network_vader_is_chosen_and_the_reason_told(only_folder, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("NLTK_DOWNLOAD_URL", f"http://127.0.0.1:{closed.getsockname()[1]}/index.xml")
    name, line = choose_corpus()
    assert name == "vader"
    assert line.startswith("Corpus vader, because twitter_samples is in none of NLTK's data folders and can't be down")
    assert "Connection refused" in line
    assert cached_files() == []
    with pytest.raises(InputError, match="Connection refused"):
        load_corpus("twitter_samples")


def test_a_data_server_that_never_answers_is_given_up(only_folder, monkeypatch):
    monkeypatch.setattr(nltk_data, "_QUIET_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("NLTK_DOWNLOAD_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/index.xml")
        with pytest.raises(UnavailableError, match=r"no answer for 0\.5 seconds"):
            twitter_samples.obtain()
    assert cached_files() == []


def test_a_slow_download_goes_on_while_bytes_arrive(only_folder, monkeypatch, tmp_path):
    slow = tmp_path / "slow"
    slow.write_text(
        '#!/bin/sh\nfor _ in 1 2 3 4 5; do sleep 0.2; echo more >> "$6/zip"; done; echo "[nltk_data] end" >&2\n'
    )
    slow.chmod(0o755)
    monkeypatch.setattr(nltk_data, "_QUIET_SECONDS", 0.5)
    monkeypatch.setattr(nltk_data.sys, "executable", str(slow))
    with pytest.raises(UnavailableError, match=r"can't be downloaded \(end\)"):
        twitter_samples.obtain()


def test_an_incomplete_zip_file_does_not_hide_a_later_folder(only_folder, monkeypatch, tmp_path):
    with zipfile.ZipFile(only_folder / "corpora" / "twitter_samples.zip", "w") as archive:
        archive.writestr("twitter_samples/positive_tweets.json", POSITIVE)
    later = tmp_path / "later"
    monkeypatch.setattr(nltk_data, "data_folders", lambda: [only_folder, later])
    assert unpack(later) == twitter_samples.obtain()


@pytest.mark.skipif(not SHARED.exists(), reason="the development copy of NLTK's data (../shared/nltk_data) is absent")
def test_the_real_twitter_samples_are_the_notebooks(monkeypatch):
    monkeypatch.setenv("NLTK_DATA", str(SHARED))
    corpus = load_corpus("twitter_samples")
    assert np.bincount(corpus.labels).tolist() == [5000, 5000]
    assert {name: len(rows) for name, rows in corpus.splits.items()} == {"train": 8000, "validation": 2000}
