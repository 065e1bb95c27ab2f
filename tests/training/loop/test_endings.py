"""Training ends early on request, without progress, or when its time is up, in this order."""

import pytest

from sentiment.training.loop.best import Best
from sentiment.training.loop.endings import Endings

NO_BETTER = [Best(1, 0.5, since=3)]


def test_without_conditions_nothing_ends_it():
    assert Endings().reason(1000, NO_BETTER) is None


@pytest.mark.parametrize(("since", "expected"), [([2], None), ([3], "patience"), ([5, 2], None), ([5, 3], "patience")])
def test_patience_counts_the_evaluations_since_the_best_by_every_metric(since, expected):
    best = [Best(1, 0.5, each) for each in since]
    assert Endings(patience=3).reason(10, best) == expected


def test_a_step_that_was_not_evaluated_does_not_try_its_patience():
    assert Endings(patience=3).reason(10, []) is None


def test_time_before_a_resume_counts_and_one_call_of_steps_is_let_pass():
    endings = Endings(time_limit=100)
    assert endings.reason(1, []) is None
    endings.seconds_before = 100
    assert endings.seconds() >= 100
    assert endings.reason(0, []) is None
    assert endings.reason(1, []) == "time"


def test_a_request_comes_first_then_patience():
    settings = {"patience": 3, "time_limit": 0.0}
    assert Endings(interrupted=lambda: True, **settings).reason(1, NO_BETTER) == "interruption"
    assert Endings(**settings).reason(1, NO_BETTER) == "patience"
