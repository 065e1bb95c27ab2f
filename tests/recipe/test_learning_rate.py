"""The learning rate rises to its peak and falls as it should, and reaches the optimizer of a fused step."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.config import SettingError
from sentiment.recipe.learning_rate import Schedule

SHAPES = ["constant", "cosine", "linear", "rsqrt"]
PEAK, STEPS = 0.1, 100


def _rates(shape: str, warmup_steps: int = 0, steps: int = STEPS) -> list[float]:
    rate = Schedule(shape, warmup_steps).rates(PEAK, steps)
    return [rate(step) for step in range(1, steps + 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_rises_in_a_line_to_the_peak(shape):
    rates = _rates(shape, warmup_steps=9)
    assert rates[:10] == pytest.approx([PEAK * step / 10 for step in range(1, 11)])


@pytest.mark.parametrize("shape", SHAPES)
def test_without_warm_up_it_begins_at_the_peak(shape):
    assert _rates(shape)[0] == pytest.approx(PEAK)


def test_what_it_does_after_that():
    assert set(_rates("constant")) == {PEAK}
    halfway = {shape: _rates(shape)[50] for shape in SHAPES}  # step 51 of 100: half of the way from 1 to 101
    assert halfway["linear"] == pytest.approx(PEAK / 2)
    assert halfway["cosine"] == pytest.approx(PEAK / 2)
    assert halfway["rsqrt"] == pytest.approx(PEAK / math.sqrt(51))
    quarter = 0.25 * 100
    assert _rates("cosine")[25] == pytest.approx(PEAK * (1 + math.cos(math.pi * quarter / 100)) / 2)
    assert _rates("rsqrt", warmup_steps=15)[63] == pytest.approx(PEAK / 2), "4 x 16 steps: half of the peak"


@pytest.mark.parametrize(
    ("shape", "last"), [("linear", PEAK / 100), ("cosine", PEAK * (1 - math.cos(math.pi / 100)) / 2)]
)
def test_the_last_step_still_moves_weights_and_the_next_would_not(shape, last):
    assert _rates(shape)[-1] == pytest.approx(last)
    assert Schedule(shape).rates(PEAK, STEPS)(STEPS + 1) == pytest.approx(0)


@given(st.sampled_from(SHAPES), st.integers(0, 20), st.integers(21, 60))
def test_it_never_leaves_the_range_and_has_one_peak(shape, warmup_steps, steps):
    rates = _rates(shape, warmup_steps, steps)
    assert all(0 < rate <= PEAK * (1 + 1e-12) for rate in rates)
    assert rates[:warmup_steps] == sorted(rates[:warmup_steps])
    assert rates[warmup_steps:] == sorted(rates[warmup_steps:], reverse=True)


def test_a_warm_up_of_all_steps_leaves_none_to_fall_in():
    for shape in ("cosine", "linear"):
        with pytest.raises(SettingError, match="warmup_steps = 100: must be less than the 100 steps"):
            Schedule(shape, 100).rates(PEAK, STEPS)
    with pytest.raises(SettingError, match="must be 0 or more"):
        Schedule("linear", -1)


def test_a_share_of_the_steps_warms_up_whatever_their_number():
    for steps in (20, 200):
        rates = Schedule(shape="linear", warmup_share=0.1).rates(1.0, steps)
        assert [step for step in range(1, steps + 1) if rates(step) == 1.0] == [steps // 10 + 1]
        assert 0 < rates(1) < 1
        assert 0 < rates(steps) < 0.1
