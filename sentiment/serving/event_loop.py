"""uvloop, but that a client of TLS which hasn't shaken hands is held to the limits of any other connection.

uvloop and asyncio wait a minute for a handshake, uvicorn gives no way to say so, and the protocol, which has the limits
of time and number, only begins after it.
"""

import asyncio
import ssl as tls
from collections.abc import Callable
from typing import Any

import uvloop
import uvloop.loop

from sentiment.serving import protocol


class _Handshake(uvloop.loop.SSLProtocol):  # type: ignore[name-defined]  # missing in uvloop's stubs
    """TLS over a connection. It tells the HTTP protocol of a client before the handshake, not after it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, http: protocol.Protocol, context: tls.SSLContext):
        super().__init__(loop, http, context, None, server_side=True, ssl_handshake_timeout=protocol.SILENT_SECONDS)
        self._http = http

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begins the handshake."""
        self._http.handshake_begun(transport)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends, after the handshake or before."""
        super().connection_lost(exc)
        self._http.handshake_lost()


class _Loop(uvloop.Loop):
    async def create_server(  # type: ignore[override]  # of uvloop's many signatures all are passed on
        self, new_protocol: Callable[[], Any], *arguments: Any, ssl: tls.SSLContext | None = None, **named: Any
    ) -> asyncio.AbstractServer:
        if ssl is None:
            return await super().create_server(new_protocol, *arguments, **named)
        return await super().create_server(lambda: _Handshake(self, new_protocol(), ssl), *arguments, **named)


def new_loop() -> asyncio.AbstractEventLoop:
    """Returns a new event loop."""
    return _Loop()
