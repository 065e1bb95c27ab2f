"""The package index is pip's, with its certificates; one that can't be used is one line."""

import errno
import os
import socket
import ssl
import time
import urllib.error

import pytest
from pinned_file import CONTENT, distribution

from sentiment.download import fetch, package_index
from sentiment.download.fetch import fetch_distribution
from sentiment.download.package_index import Index, NetworkError, configured_index, network_errors
from sentiment.errors import InputError


@pytest.fixture
def only_pip_knows(monkeypatch, tmp_path):
    configuration = tmp_path / "pip.conf"
    configuration.write_text("")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    if package_index.importlib.util.find_spec("pip") is None:
        pytest.skip("pip is not installed in this environment, and only pip knows the default index")
    return configuration


def test_the_index_is_pips_default(only_pip_knows):
    found = configured_index()
    assert found.url.startswith("https://")
    assert found.url.endswith("/simple")
    assert found.authorization is None


def test_the_index_comes_from_pips_configuration_with_its_password(only_pip_knows):
    long_path = "/a-long-path-with-hyphens" * 8
    only_pip_knows.write_text(f"[global]\nindex-url = http://me:secret@mirror.example:8080{long_path}/simple/\n")
    assert configured_index() == Index(f"http://mirror.example:8080{long_path}/simple", "Basic bWU6c2VjcmV0")


def test_without_pip_the_environment_must_name_the_index(monkeypatch):
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setattr(package_index.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip.*is not installed here: set PIP_INDEX_URL"):
        configured_index()


def test_an_index_that_is_no_web_address_is_refused(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "file:///some/folder")
    with pytest.raises(InputError, match=r"no http.s. URL: set PIP_INDEX_URL"):
        configured_index()


def test_certificates_that_cannot_be_read_are_named(index, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "missing.pem"))
    with pytest.raises(InputError, match=r"missing\.pem: no readable certificates"):
        fetch_distribution(distribution())


def test_a_folder_of_certificates_is_taken(index, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_CERT", str(tmp_path))
    assert fetch_distribution(distribution()).read_bytes() == CONTENT


def test_a_refused_certificate_is_told_with_a_remedy_and_not_asked_again():
    refused = ssl.SSLCertVerificationError(1, "certificate verify failed")
    refused.verify_message = "self-signed certificate"
    told = "self-signed certificate: PIP_CERT or SSL_CERT_FILE"
    with pytest.raises(NetworkError, match=told) as raised, network_errors():
        raise urllib.error.URLError(refused)
    assert not raised.value.temporary


def test_a_connection_that_breaks_while_reading_may_be_tried_again():
    with pytest.raises(NetworkError, match="Connection reset by peer") as raised, network_errors():
        raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    assert raised.value.temporary


def test_a_pip_that_names_no_index_is_told(monkeypatch):
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setattr(package_index, "_pip", lambda *arguments: "Usage: pip")
    with pytest.raises(InputError, match="pip doesn't say which package index it uses: set PIP_INDEX_URL"):
        configured_index()


def test_an_answer_that_is_no_index_page_is_told(index, monkeypatch):
    monkeypatch.setattr(package_index.json, "loads", lambda page: [])
    with pytest.raises(InputError, match="its answer is no index page"):
        fetch_distribution(distribution())


def test_a_silent_server_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    monkeypatch.setattr(package_index, "_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(fetch, "_WAITS_SECONDS", ())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        started = time.monotonic()
        with pytest.raises(InputError, match="timed out"):
            fetch_distribution(distribution())
        assert time.monotonic() - started < 5
