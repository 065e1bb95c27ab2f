"""uvloop, but that a client of TLS which doesn't shake hands is cut off as early as any that says nothing.

uvloop and asyncio wait a minute for a handshake, and uvicorn gives no way to say so: the protocol, which has the other
limits of time, only begins after it.
"""

import asyncio
from typing import Any

import uvloop

from sentiment.serving import protocol


class _Loop(uvloop.Loop):
    async def create_server(  # type: ignore[override]  # of uvloop's many signatures all are passed on
        self, *arguments: Any, **named: Any
    ) -> asyncio.AbstractServer:
        if named.get("ssl"):
            named["ssl_handshake_timeout"] = protocol.SILENT_SECONDS
        return await super().create_server(*arguments, **named)


def new_loop() -> asyncio.AbstractEventLoop:
    """Returns a new event loop."""
    return _Loop()
