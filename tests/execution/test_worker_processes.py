"""Batches in other processes give what they give in this one, in order; what goes wrong there is said here."""

import operator
import os
import subprocess
import sys

import pytest
from paths import ROOT

from sentiment.errors import InputError
from sentiment.execution.long_work import shown_by
from sentiment.execution.worker_processes import kept_workers, map_batches, map_texts


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_results_come_in_the_order_of_the_batches(processes, n):
    assert list(map_batches(operator.neg, range(n), processes)) == [-each for each in range(n)]


def test_what_the_function_raises_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        list(map_batches(operator.methodcaller("__floordiv__", 0), [1, 2, 3], 2))


def test_results_that_are_not_wanted_any_more_leave_no_process_behind():
    found = map_batches(operator.neg, range(100), 2)
    assert next(found) == 0
    found.close()


def test_a_process_that_is_killed_is_one_line():
    with pytest.raises(InputError, match=r"a worker process was killed.*give the same command again"):
        list(map_batches(os._exit, [9, 9, 9], 2))


def own_process(_batch):
    return os.getpid()


def test_processes_that_are_kept_do_the_next_work_too_and_end_with_the_block():
    with kept_workers():
        first = set(map_batches(own_process, range(6), 2))
        assert set(map_batches(own_process, range(6), 2)) == first
        assert list(map_batches(operator.neg, range(6), 2)) == [-each for each in range(6)]
        assert first < set(map_batches(own_process, range(6), 3))
    assert not any(map(is_alive, first))
    assert first.isdisjoint(map_batches(own_process, range(6), 2))


def test_processes_that_begin_ahead_do_the_work_with_their_modules_loaded():
    with kept_workers(ahead=2, modules=["wave"]):
        found = list(map_batches(own_process_and_modules, range(6), 2))
    assert len({process for process, _ in found}) == 2
    assert all("wave" in modules for _, modules in found)
    with kept_workers(ahead=1):
        pass  # one that is not needed ends with the block


def own_process_and_modules(_batch):
    return os.getpid(), frozenset(sys.modules)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class Remembering:
    """A function that counts its calls, each process for itself."""

    def __init__(self):
        self.calls = 0

    def __call__(self, _batch):
        self.calls += 1
        return self.calls


def test_a_kept_process_that_is_given_the_same_function_again_remembers_what_it_knew():
    with kept_workers():
        assert list(map_batches(Remembering(), range(4), 2)) == [1, 1, 2, 2]
        assert sorted(map_batches(Remembering(), range(4), 2)) == [3, 3, 4, 4]
        assert list(map_batches(operator.neg, [5], 2)) == [-5]
        assert list(map_batches(Remembering(), range(4), 2)) == [1, 1, 2, 2]


def test_after_an_error_no_process_is_kept_that_may_still_have_an_answer():
    with kept_workers():
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                list(map_batches(operator.methodcaller("__floordiv__", 0), [1, 2, 3], 2))
        found = map_batches(operator.neg, range(100), 2)
        assert next(found) == 0
        found.close()
        assert list(map_batches(operator.neg, range(100), 2)) == [-each for each in range(100)]


@pytest.mark.parametrize("processes", [1, 2])
def test_how_far_long_work_is_gets_shown(processes, monkeypatch):
    lines = []
    monkeypatch.setattr("sentiment.execution.long_work._EVERY", 0.0)
    with shown_by(lines.append):
        assert sum(map_texts(len, ["a"] * 20_000, "tokens", processes)) == 20_000
    list(map_texts(len, ["a"], "tokens", processes))  # nobody asked for it
    assert lines == [f"tokens      {n:,} of 20,000 texts" for n in (8192, 16_384, 20_000)]


def test_a_script_without_a_guard_of_its_main_part_is_not_run_again(tmp_path):
    script = tmp_path / "own.py"
    script.write_text(
        "import operator\nfrom sentiment.execution.worker_processes import map_batches\n"
        "print('once', list(map_batches(operator.neg, [1, 2], 2)))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "once [-1, -2]\n"
