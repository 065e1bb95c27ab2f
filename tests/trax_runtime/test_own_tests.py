"""Trax's own tests pass on today's JAX, but for those that are listed with a reason."""

import pytest
from trax_own_tests import FILES, differences, expected_failures, run_file

QUICK = (
    "shapes_test.py",
    "optimizers/optimizers_test.py",
    "supervised/lr_schedules_test.py",
    "supervised/history_test.py",
    "layers/base_test.py",
    "layers/core_test.py",
    "layers/initializers_test.py",
)


@pytest.mark.parametrize("file", QUICK)
def test_traxs_own_tests_are_as_expected(file, compiled):
    assert differences(run_file(file, compiled), expected_failures()) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", [file for file in FILES if file not in QUICK])
def test_all_the_others_of_traxs_own_tests_are_as_expected(file, compiled):
    assert differences(run_file(file, compiled), expected_failures()) == []


def test_an_expected_failure_that_passes_is_a_difference_and_so_is_a_new_one():
    outcomes = [
        {"file": "a.py", "test": "T.old", "outcome": "passed", "why": ""},
        {"file": "a.py", "test": "T.new", "outcome": "failed", "why": "ValueError: x"},
        {"file": "a.py", "test": "T.known", "outcome": "failed", "why": "KeyError: y"},
    ]
    expected = {("a.py", "T.old"): "was broken", ("a.py", "T.known"): "is broken", ("not_run.py", "T.t"): "whatever"}
    assert differences(outcomes, expected) == ["a.py T.new failed: ValueError: x", "a.py T.old was expected to fail"]


def test_every_expected_failure_names_a_file_that_is_run_and_has_a_reason():
    for (file, test), reason in expected_failures().items():
        assert file in FILES, test
        assert len(reason.split()) >= 4, (file, test)
