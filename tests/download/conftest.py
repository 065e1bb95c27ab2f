"""What the tests of downloads share: an index of their own, and a cache folder."""

import pytest
from local_index import LocalIndex, serving
from pinned_file import CONTENT, NAME

from sentiment.download import fetch


@pytest.fixture
def index(monkeypatch, tmp_path):
    with serving(LocalIndex()) as server:
        server.files = {"Some_Data-0.9.tar.gz": b"older", NAME: CONTENT}
        monkeypatch.setenv("PIP_INDEX_URL", server.url)
        monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(fetch, "_WAITS_SECONDS", (0.01, 0.01))
        yield server
