"""A request's body -> bytes, within a size; packed by gzip or not."""

import zlib

from fastapi import Request

from sentiment.serving.problems import ProblemError

_PLAIN, _GZIP = ("", "identity"), ("gzip", "x-gzip")
_GZIP_FORMAT = 16 + zlib.MAX_WBITS  # zlib's number for it


async def read_json_body(request: Request, most: int) -> bytes:
    """Returns a body of JSON.

    Args:
        request: whose body hasn't been read.
        most: bytes that the body may have, as it comes and unpacked: nothing more is ever unpacked.

    Raises:
        ProblemError: it is too large, isn't JSON by its header, or is packed otherwise or brokenly.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ProblemError(415, "not-json", "Send the body as application/json, and say so in Content-Type")
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in _PLAIN + _GZIP:
        detail = "Send the body packed by gzip, once, or as it is: no other Content-Encoding is unpacked"
        raise ProblemError(415, "encoded", detail, headers={"accept-encoding": "gzip, identity"})
    body = await _within(request, most)
    return _unpacked(body, most) if encoding in _GZIP else body


async def _within(request: Request, most: int) -> bytes:
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > most:
        raise _too_large(most)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _unpacked(body: bytes, most: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_FORMAT)
    try:
        unpacked = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise _not_gzip() from error
    if len(unpacked) > most:
        raise _too_large(most)
    if not unpacker.eof or unpacker.unused_data:
        raise _not_gzip()
    return unpacked


def _too_large(most: int) -> ProblemError:
    return ProblemError(413, "too-large", f"A body may have {most:,} bytes, unpacked too; send the texts in parts")


def _not_gzip() -> ProblemError:
    return ProblemError(400, "invalid-gzip", "The body isn't one whole gzip stream, as Content-Encoding says it is")
