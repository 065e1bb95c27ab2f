"""How far a training loop runs ahead of its device."""

from collections import deque

import jax

CALLS_AHEAD = 2  # that may still be running when a new one has begun


class CallsAhead:
    """The newest calls' results; a loop that never waited for older ones would neither stop nor report in time."""

    def __init__(self):
        self._results: deque[jax.Array] = deque()

    def begun(self, result: jax.Array) -> None:
        """Takes what a call will give; returns when the last but one call's is there."""
        self._results.append(result)
        if len(self._results) > CALLS_AHEAD:
            jax.block_until_ready(self._results.popleft())
