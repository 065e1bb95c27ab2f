"""Signals are noted where Python lets a program handle them, and left alone elsewhere."""

import signal
import threading

from sentiment.execution.signals import Signals


def test_in_another_thread_nothing_is_noted_and_signals_stay_as_they_were():
    before, found = signal.getsignal(signal.SIGINT), []

    def work():
        with Signals() as signals:
            found.append((signals.received, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(None, before)]
