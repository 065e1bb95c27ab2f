"""Batches on a Ray cluster come back in order, whatever becomes of the processes that compute them."""

import functools
import os
import signal
from pathlib import Path

import pytest

from sentiment.errors import InputError
from sentiment.scale.cluster import connected


@pytest.fixture(scope="module")
def mapped():
    with connected("local"):
        from sentiment.scale.batches import map_batches

        yield map_batches


def _doubled(batch: list[int]) -> list[int]:
    return [2 * number for number in batch]


def _killed_once(marker: Path, batch: list[int]) -> list[int]:
    if batch[0] == 3 and not marker.exists():
        marker.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return _doubled(batch)


def _refused(batch: list[int]) -> list[int]:
    raise InputError(f"{batch[0]}: can't be used")


def test_results_are_in_the_order_of_the_batches(mapped):
    assert list(mapped(_doubled, ([number] for number in range(40)))) == [[2 * number] for number in range(40)]


def test_a_killed_process_loses_nothing(mapped, tmp_path):
    function = functools.partial(_killed_once, tmp_path / "killed")
    assert list(mapped(function, ([number] for number in range(8)))) == [[2 * number] for number in range(8)]
    assert (tmp_path / "killed").exists()


def test_what_the_function_raises_is_raised_here(mapped):
    with pytest.raises(InputError, match=r"^7: can't be used$"):
        list(mapped(_refused, [[7]]))
