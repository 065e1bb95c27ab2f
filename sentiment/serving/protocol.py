"""HTTP as uvicorn speaks it, with what it leaves out: limits of a request's time and header, errors in one form."""

import asyncio

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from sentiment.serving.problems import MEDIA_TYPE, problem_json

MAX_HEADER_BYTES = 32 << 10
REQUEST_SECONDS = 20.0  # from a request's first byte to its last
LINGER_SECONDS = 2.0  # how long a refused client may go on sending, so that it gets to read why
LAST_SECONDS = 1.0  # how long an idle connection may still send a request once the service ends


class Protocol(HttpToolsProtocol):
    """One connection.

    A request must come whole within REQUEST_SECONDS (else 408) and its header within MAX_HEADER_BYTES (else 431);
    what isn't HTTP is answered 400; all in the documented form. When the service ends, an idle connection is not cut
    at once, for a request may be on its way: it is answered, with `Connection: close`.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begins."""
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_header = True
        self._ending = False
        self._refused = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what the client sends."""
        if self._refused:
            return
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._too_slow)
        if self._in_header:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._in_header and self._header_bytes > MAX_HEADER_BYTES and not self._refused:
            self._refuse(431, "header-too-large", f"A request's header may have {MAX_HEADER_BYTES:,} bytes")

    def on_headers_complete(self) -> None:
        """Starts the answer."""
        self._in_header = False
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """The request is there, whole."""
        super().on_message_complete()
        self._stop_clock()
        self._header_bytes = 0
        self._in_header = True

    def send_400_response(self, msg: str) -> None:
        """Answers what isn't HTTP."""
        self._refuse(400, "invalid-http", msg)

    def shutdown(self) -> None:
        """Called once, when the service ends."""
        self._ending = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LAST_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._refuse(408, "too-slow", f"A request must come whole within {REQUEST_SECONDS:.0f} s")

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        # Closing at once, with bytes of the client's unread, would reset the connection and lose the answer.
        self._refused = True
        self._stop_clock()
        answering = self.cycle is not None and not self.cycle.response_complete
        if not (answering and self.cycle.response_started):
            body = problem_json(status, kind, detail)
            head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode("ascii") + body)
        if answering:  # the app waits for the rest of the body
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)
