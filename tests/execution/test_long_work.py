"""Work that takes long says how far it is to whoever asked, every few seconds; quick work says nothing."""

import threading

import pytest

from sentiment.execution.long_work import LongWork, shown_by


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets."""
    now = [0.0]
    monkeypatch.setattr("sentiment.execution.long_work.time.monotonic", lambda: now[0])
    return now


def test_a_line_comes_every_five_seconds(clock):
    lines = []
    with shown_by(lines.append):
        work = LongWork("reading", "rows")
        for second in range(13):
            clock[0] = float(second)
            work.advance(1000)
    assert lines == ["reading     6,000 rows", "reading     11,000 rows"]


def test_quick_work_has_no_line_and_nor_has_work_that_nobody_asked_about(clock):
    lines = []
    with shown_by(lines.append):
        quick = LongWork("tokens", "texts", 8)
        quick.advance(8)
        other = LongWork("tokens", "texts", 8)
    clock[0] = 100.0
    other.advance(8)
    assert not lines


def test_what_is_shown_is_this_threads_work_alone(clock):
    lines = []
    clock[0] = 100.0
    with shown_by(lines.append):
        work = LongWork("tokens", "texts", 8)
        clock[0] = 200.0
        thread = threading.Thread(target=work.advance, args=(4,))
        thread.start()
        thread.join(10)
        assert not lines
        work.advance(4)
    assert lines == ["tokens      8 of 8 texts"]
