"""Batches in other processes give what they give in this one, in order; what goes wrong there is said here."""

import operator
import os
import subprocess
import sys

import pytest
from paths import ROOT

from sentiment.errors import InputError
from sentiment.worker_processes import map_batches


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
    with pytest.raises(InputError, match=r"a process that prepared the texts was killed.*give the same command again"):
        list(map_batches(os._exit, [9, 9, 9], 2))


def test_a_script_without_a_guard_of_its_main_part_is_not_run_again(tmp_path):
    script = tmp_path / "own.py"
    script.write_text(
        "import operator\nfrom sentiment.worker_processes import map_batches\n"
        "print('once', list(map_batches(operator.neg, [1, 2], 2)))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "once [-1, -2]\n"
