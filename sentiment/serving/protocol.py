"""HTTP as uvicorn speaks it, with what it leaves out: limits of time, header and connections, errors in one form.

uvicorn has none of these over httptools, and over h11 bounds the header alone.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from sentiment.serving.descriptors import max_connections
from sentiment.serving.problems import MEDIA_TYPE, problem_json
from sentiment.serving.schemas import MAX_FILE_BYTES

MAX_HEADER_BYTES = 32 << 10  # of the request line, the header and the trailers together
# Where work is long: who has closed the connection looks like who only sends no more, and most often is gone.
ENDED_BY_CLIENT = frozenset({"/v1/predict-file"})
SILENT_SECONDS = 10.0  # how long a new connection may stay without a byte
REQUEST_SECONDS = 20.0  # from a request's first byte to its last, and a second more for each
REQUEST_PACE = 1 << 18  # bytes of its body
LINGER_SECONDS = 2.0  # how long a refused client may go on sending, so that it gets to read why
UNREAD_SECONDS = 60.0  # how long a client may take nothing of what waits for it
MAX_PIPELINED = 100  # requests of a connection that may wait for the answers of those before them
LAST_SECONDS = 1.0  # how long an idle connection may still send a request once the service ends
GIVE_UP_SECONDS = 25.0  # how long it then takes to answer; uvicorn, which would cut all off, is given longer
_LOG = logging.getLogger("uvicorn.error")


class _RefusedError(Exception):
    """Stops the parser: nothing more of this connection is looked at."""


class Protocol(HttpToolsProtocol):
    """One connection.

    A request must come whole in time (REQUEST_SECONDS and REQUEST_PACE; else 408), its header and trailers within
    MAX_HEADER_BYTES (else 431); what isn't HTTP is answered 400; all in the documented form. A connection that says
    nothing is closed, and where there are too many the one that has been idle longest. When the service ends, an idle
    connection is not cut at once, for a request may be on its way: it is answered, with `Connection: close`.
    So is a client that has closed its own direction once its requests were sent (`nc -N` does; uvicorn would drop the
    answer).
    What isn't answered GIVE_UP_SECONDS after the service was told to end gets a 503, and its work is given up.
    """

    _handshake: asyncio.Transport | None = None  # below TLS, until hands are shaken
    _silence: asyncio.TimerHandle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _unanswered: Sequence[RequestResponseCycle] = ()  # several, where requests come before the answers
    _body_bytes = 0
    _header_bytes = 0  # of whole lines
    _unparsed_bytes = 0  # of a line, or a chunk's size, that has not come to its end
    _hosts = 0  # headers of that name
    _ending = False
    _refused = False
    _half_closed = False
    idle_since = 0.0

    def handshake_begun(self, transport: asyncio.Transport) -> None:
        """A client of TLS is connected, and counts, but its handshake isn't done."""
        self._handshake = transport
        self._count_connection()

    def handshake_lost(self) -> None:
        """The connection of a client of TLS is gone."""
        self.connections.discard(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begins."""
        self._handshake = None
        super().connection_made(transport)
        self._silence = self.loop.call_later(SILENT_SECONDS, transport.close)
        self._count_connection()

    def _count_connection(self) -> None:
        self.idle_since = time.monotonic()
        self.connections.add(self)
        if len(self.connections) > max_connections():
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends."""
        self._stop_clock()
        self._stop_waiting_for_reader()
        self.pipeline.clear()
        self._give_up_answers()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits for the client than it takes."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken it."""
        super().resume_writing()
        self._stop_waiting_for_reader()

    def timeout_keep_alive_handler(self) -> None:
        """No other request came."""
        if not self.transport.is_closing():
            self._close()

    @property
    def idle(self) -> bool:
        """Whether no request is under way, neither coming nor being answered."""
        return self._header_bytes + self._unparsed_bytes == 0 and (self.cycle is None or self.cycle.response_complete)

    def data_received(self, data: bytes) -> None:
        """Takes what the client sends."""
        if self._refused:
            return
        self.idle_since = time.monotonic()
        self._start_clock()
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > MAX_HEADER_BYTES and not self._refused:
            self._refuse_header()

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's never keeps the connection
        """The client sends no more; returns whether an answer is still due to it."""
        self._half_closed = True
        whole = self.cycle is not None and not self.cycle.more_body
        due = whole and not self.cycle.response_complete and not self._refused
        # TLS has no connection that is closed in one direction.
        return due and self.transport.can_write_eof() and self.scope["path"] not in ENDED_BY_CLIENT

    def on_response_complete(self) -> None:
        """An answer is written, whole."""
        super().on_response_complete()
        if self.pipeline:  # uvicorn reads on, and would hold as many requests as are sent
            self.flow.pause_reading()
        if self._half_closed and self.cycle.response_complete:  # no other came with it
            self.transport.close()
        if self.transport.is_closing():  # which waits for ever for a client that doesn't read
            self._unread = self._unread or self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= MAX_PIPELINED:
            self._refuse(429, "too-many-requests", f"{MAX_PIPELINED} requests wait already; await their answers first")
            raise _RefusedError
        super().on_message_begin()
        self._header_bytes = self._hosts = 0
        self._start_clock()  # of one that came in a packet with the end of another

    def on_url(self, url: bytes) -> None:
        """A part of the request line."""
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the header, or of the trailers after a chunked body."""
        self._count_header(len(name) + len(value) + len(": \r\n"))
        if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
            self._refuse(501, "transfer-encoding", "Send the body in chunks or with its length: none is unpacked here")
            raise _RefusedError
        self._hosts += name.lower() == b"host"
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Starts the answer."""
        self._unparsed_bytes = 0
        if self._hosts != 1 and self.parser.get_http_version() == "1.1":  # RFC 9112, 3.2
            self._refuse(400, "invalid-http", f"A request of HTTP/1.1 has one Host header, and this one {self._hosts}")
            raise _RefusedError
        super().on_headers_complete()
        self._unanswered = [each for each in (*self._unanswered, self.cycle) if not each.response_complete]
        if self._ending:
            self.cycle.keep_alive = False

    def on_chunk_header(self) -> None:
        """The size of a chunk, whole."""
        self._unparsed_bytes = 0

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._unparsed_bytes = 0
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there, whole."""
        super().on_message_complete()
        self._stop_clock()
        self._header_bytes = self._unparsed_bytes = 0

    def send_400_response(self, msg: str) -> None:
        """Answers what isn't HTTP."""
        if not self._refused:
            self._refuse(400, "invalid-http", msg)

    def shutdown(self) -> None:
        """Called once, when the service ends."""
        self._ending = True
        self.loop.call_later(GIVE_UP_SECONDS, self._give_up)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self.loop.call_later(LAST_SECONDS, self._close_if_idle)

    def _close_if_idle(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._close()

    def _close(self) -> None:
        if self._handshake is not None:
            self._handshake.abort()
            return
        self.transport.close()
        if self.transport.get_write_buffer_size():  # close() alone waits for ever for a client that doesn't read
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _give_up(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete and not self._refused:
            _LOG.info("%s: given up, for the service ends", self.scope["path"])
            self._refuse(503, "stopped", "The service ends; send it again")

    def _make_room(self) -> None:
        idle = [each for each in self.connections if isinstance(each, Protocol) and each.idle and each is not self]
        if idle:
            min(idle, key=lambda each: each.idle_since)._close()
        elif self._handshake is not None:
            self._handshake.abort()
        else:
            self._refuse(503, "overloaded", "Too many connections are open; try again in a second")

    def _start_clock(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if self._deadline is None:
            self._began, self._body_bytes = time.monotonic(), 0
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self._look_at_pace)

    def _stop_clock(self) -> None:
        for timer in (self._silence, self._deadline):
            if timer is not None:
                timer.cancel()
        self._silence = self._deadline = None

    def _look_at_pace(self) -> None:
        more = min(self._body_bytes, MAX_FILE_BYTES) / REQUEST_PACE
        left = REQUEST_SECONDS + more - (time.monotonic() - self._began)
        if left > 0:
            self._deadline = self.loop.call_later(left, self._look_at_pace)
            return
        pace = f"and {REQUEST_PACE >> 10} KiB of its body a second more"
        self._refuse(408, "too-slow", f"A request must come whole within {REQUEST_SECONDS:.0f} s, {pace}")

    def _count_header(self, n_bytes: int) -> None:
        self._unparsed_bytes = 0
        self._header_bytes += n_bytes
        if self._header_bytes > MAX_HEADER_BYTES:
            self._refuse_header()
            raise _RefusedError

    def _refuse_header(self) -> None:
        self._refuse(431, "header-too-large", f"A request's header and trailers may have {MAX_HEADER_BYTES:,} bytes")

    def _give_up_answers(self) -> None:
        for each in self._unanswered:  # the app may wait for the rest of the body; nothing can be written any more
            if not each.response_complete:
                each.disconnected = True
                each.message_event.set()

    def _refuse(self, status: int, kind: str, detail: str) -> None:
        # Closing at once, with bytes of the client's unread, would reset the connection and lose the answer.
        self._refused = True
        self._stop_clock()
        answering = [each for each in self._unanswered if not each.response_complete]
        if not any(each.response_started for each in answering):
            body = problem_json(status, kind, detail)
            head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode("ascii") + body)
        self._give_up_answers()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()  # what comes is thrown away, and the client's end is seen
        self.loop.call_later(LINGER_SECONDS, self._close)
