"""The Python package index that pip uses: where it is, and what it offers. No code of any package is run."""

import base64
import contextlib
import http.client
import importlib.util
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from sentiment.errors import InputError, UnavailableError

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_TIMEOUT_SECONDS = 20.0


class NetworkError(Exception):
    """The network's reason in a few words; `temporary` where asking again may help, `status` where HTTP gave one."""

    def __init__(self, reason: str, temporary: bool, status: int | None = None):
        super().__init__(reason)
        self.temporary = temporary
        self.status = status


@dataclass(frozen=True)
class Index:
    """A simple index: its URL without a password, and the header that replaces the password."""

    url: str
    authorization: str | None = None

    @property
    def host(self) -> str:
        """The host and port, for messages."""
        return urlsplit(self.url).netloc


def configured_index() -> Index:
    """Returns the index that pip would use: PIP_INDEX_URL, else pip's configuration, else pip's default.

    pip is asked, so that no host's name is written here. Raises InputError when pip is absent, or the URL not HTTP.
    """
    url = os.environ.get("PIP_INDEX_URL") or _ask_pip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"the package index {url!r} is no http(s) URL: set PIP_INDEX_URL to one")
    authorization = None
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(login.encode()).decode()
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return Index(bare.geturl().rstrip("/"), authorization)


def file_url(index: Index, project: str, filename: str) -> str:
    """Asks the index for the URL of one file of a project, in JSON (PEP 691), or in HTML (PEP 503) from plain mirrors.

    Raises:
        UnavailableError: the index doesn't have the file.
        NetworkError: it can't be asked.
    """
    name = re.sub(r"[-_.]+", "-", project).lower()
    missing = f"the package index {index.host} has no {filename}: name another index with PIP_INDEX_URL"
    try:
        with open_url(index, f"{index.url}/{name}/", {"Accept": _ACCEPT}) as page, network_errors():
            body = page.read().decode("utf-8", errors="replace")
            links = _json_links(body) if page.headers.get_content_type() == _JSON else _html_links(body)
            base = page.url
    except NetworkError as error:
        if error.status == http.HTTPStatus.NOT_FOUND:
            raise UnavailableError(missing) from error
        raise
    for link in links:
        url = urljoin(base, link)
        if PurePosixPath(unquote(urlsplit(url).path)).name == filename and url.startswith(("http://", "https://")):
            return url.partition("#")[0]
    raise UnavailableError(missing)


@contextlib.contextmanager
def open_url(index: Index, url: str, headers: dict[str, str]) -> Iterator[http.client.HTTPResponse]:
    """Opens a URL through the environment's proxies and certificates. Raises NetworkError.

    The index's password goes to the index's own host only, and never along a redirection.
    """
    request = urllib.request.Request(url, headers=headers)
    if index.authorization and urlsplit(url)[:2] == urlsplit(index.url)[:2]:
        request.add_unredirected_header("Authorization", index.authorization)
    with network_errors():
        handler = urllib.request.HTTPSHandler(context=_certificates())
        response = urllib.request.build_opener(handler).open(request, timeout=_TIMEOUT_SECONDS)
    with response:
        yield response


@contextlib.contextmanager
def network_errors() -> Iterator[None]:
    """Turns what urllib, ssl and sockets raise inside the block into a NetworkError."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        temporary = error.code >= 500 or error.code in (408, 429)
        raise NetworkError(f"HTTP {error.code} {error.reason}", temporary, error.code) from error
    except urllib.error.URLError as error:
        raise NetworkError(_reason(error.reason), _is_temporary(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NetworkError(_reason(error), _is_temporary(error)) from error


def _reason(error: object) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is refused, {error.verify_message}: PIP_CERT or SSL_CERT_FILE can name yours"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _is_temporary(error: object) -> bool:
    # A machine without a network says that a name can't be resolved: asking thrice would only take thrice as long.
    return not isinstance(error, socket.gaierror | ssl.SSLCertVerificationError)


def _certificates() -> ssl.SSLContext:
    # SSL_CERT_FILE is honoured by Python itself; the other two are pip's.
    named = os.environ.get("PIP_CERT") or os.environ.get("REQUESTS_CA_BUNDLE")
    if not named:
        return ssl.create_default_context()
    try:
        if Path(named).is_dir():
            return ssl.create_default_context(capath=named)
        return ssl.create_default_context(cafile=named)
    except OSError as error:
        raise InputError(f"{named}: no readable certificates (PIP_CERT or REQUESTS_CA_BUNDLE names it)") from error


def _ask_pip() -> str:
    if importlib.util.find_spec("pip") is None:
        raise InputError("pip, which knows the package index, is not installed here: set PIP_INDEX_URL")
    # The default that the help text names is what the configuration files and pip itself settle on.
    found = re.search(r"--index-url <url>.*?\(default:?\s+(\S+?)\)", _pip("download", "--help"), re.DOTALL)
    if found is None:
        raise InputError("pip doesn't say which package index it uses: set PIP_INDEX_URL")
    if "****" not in found[1]:
        return found[1]
    # The help text masks a password; the list of settings does not, where a section of a command precedes [global].
    settings = re.findall(r"^(download|global)\.index-url='(.*)'$", _pip("config", "list"), re.MULTILINE)
    return min(settings, default=("", found[1]))[1]


def _pip(*arguments: str) -> str:
    # The help text is folded at the width of the terminal, URLs too.
    environment = {**os.environ, "COLUMNS": "2000", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    answer = subprocess.run(
        command,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return answer.stdout.strip()


def _json_links(page: str) -> list[str]:
    try:
        return [file["url"] for file in json.loads(page)["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise NetworkError("its answer is no index page", temporary=True) from error


def _html_links(page: str) -> list[str]:
    parser = _LinkParser()
    parser.feed(page)
    return parser.links


class _LinkParser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]
