"""Who may ask the service, from which pages, and over what: API keys, origins (CORS), TLS."""

import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from sentiment.errors import InputError
from sentiment.serving.problems import ProblemError

SHORTEST_KEY = 16  # characters
_LARGEST_KEY_FILE = 1 << 16  # bytes
_KEY = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # what `Authorization: Bearer` can hold (RFC 6750)
_ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes:
        origins: of the pages of other hosts whose scripts may ask, or "*" for all.
        key_hashes: the SHA-256 of the keys, of which a request must have one; empty: anybody may ask.
        tls_cert: the certificate's PEM file; None: no TLS.
        tls_key: the private key's PEM file; None: it is in `tls_cert`.
    """

    origins: tuple[str, ...] = ()
    key_hashes: tuple[bytes, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None


def read_access(
    origins: list[str], key_file: Path | None = None, tls_cert: Path | None = None, tls_key: Path | None = None
) -> Access:
    """Checks origins, keys and certificate, and returns them.

    Args:
        origins: as in `Access`.
        key_file: a key a line.
        tls_cert, tls_key: as in `Access`.

    Raises:
        InputError: an origin isn't one, or a file can't be used.
    """
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(f"--cors {origin}: isn't an origin: write scheme and host, such as https://example.org")
    if tls_cert:
        _check_certificate(tls_cert, tls_key)
    elif tls_key:
        raise InputError(f"--tls-key {tls_key}: its certificate is missing: add --tls-cert FILE")
    return Access(tuple(origins), _hashes(key_file) if key_file else (), tls_cert, tls_key)


class ApiKeys(HTTPBearer):
    """FastAPI dependency: a request must have one of the keys, as `Authorization: Bearer KEY` (RFC 6750)."""

    def __init__(self, hashes: tuple[bytes, ...]):
        super().__init__(scheme_name="ApiKey", description="One of the service's keys.", auto_error=False)
        self._hashes = hashes

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Returns what the request has. Raises ProblemError, 401, unless it is one of the keys."""
        given = await super().__call__(request)
        digest = _hash(given.credentials if given else "")
        # Hashes are of one length, and all are compared: the time says nothing of the keys.
        if not sum(hmac.compare_digest(digest, each) for each in self._hashes):
            detail = "Send one of the service's keys in the header `Authorization: Bearer KEY`"
            raise ProblemError(401, "unauthorized", detail, headers={"www-authenticate": "Bearer"})
        return given


def allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    """Lets scripts of other hosts' pages ask, without cookies."""
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-encoding", "content-type"],
        expose_headers=["retry-after"],
    )


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _hashes(path: Path) -> tuple[bytes, ...]:
    with path.open("rb") as file:
        content = file.read(_LARGEST_KEY_FILE + 1)
    if len(content) > _LARGEST_KEY_FILE:
        raise InputError(f"{path}: has over {_LARGEST_KEY_FILE:,} bytes: give a file with a key a line")
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    for number, key in enumerate(lines, 1):
        if key and (len(key) < SHORTEST_KEY or not _KEY.fullmatch(key)):
            raise InputError(
                f"{path}, line {number}: a key has {SHORTEST_KEY} or more letters, digits or -._~+/ and no spaces, "
                "such as `openssl rand -hex 32` prints"
            )
    if not any(lines):
        raise InputError(f"{path}: holds no key: write one, such as `openssl rand -hex 32` prints")
    return tuple(_hash(key) for key in lines if key)


def _check_certificate(cert: Path, key: Path | None) -> None:
    for path in filter(None, (cert, key)):
        path.open("rb").close()  # an error of OpenSSL's doesn't name the file
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        reason = (error.reason or str(error)).replace("_", " ").lower()
        raise InputError(
            f"{cert}{f' and {key}' if key else ''}: no certificate with its private key ({reason}): give PEM files "
            "that belong together, --tls-cert FILE --tls-key FILE; the key without a password"
        ) from error
