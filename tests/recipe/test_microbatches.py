"""In how many parts a batch can be computed, and what is said where it can't."""

import pytest
from small_configs import CONFIGS, refusal

from sentiment.recipe.microbatches import check_microbatches, numbers_of_microbatches
from sentiment.recipe.recipe import read_recipe


def test_parts_are_equal_and_so_are_the_shares_of_devices():
    assert numbers_of_microbatches(12) == [1, 2, 3, 4, 6, 12]
    assert numbers_of_microbatches(12, n_devices=2) == [1, 2, 3, 6]
    assert numbers_of_microbatches(5, n_devices=2) == []


@pytest.mark.parametrize(
    ("number", "batch_size", "n_devices", "line"),
    [
        (3, 32, 1, "a batch of 32 rows doesn't fall into 3 equal parts; use 2 or 4"),
        (64, 32, 1, "a batch of 32 rows doesn't fall into 64 equal parts; use 32"),
        (0, 32, 1, "a batch of 32 rows doesn't fall into 0 equal parts; use 1"),
        (4, 12, 2, "a batch of 12 rows doesn't fall into 4 equal parts that 2 devices can share; use 3 or 6"),
    ],
)
def test_a_batch_that_does_not_fall_into_the_parts_is_one_line_that_names_numbers_that_do(
    number, batch_size, n_devices, line
):
    refused = refusal(check_microbatches, number, batch_size, n_devices)
    assert refused == f"Recipe.gradient_accumulation_steps = {number}: {line}"


def test_a_config_is_refused_before_anything_is_trained():
    bindings = ["Recipe.batch_size = 32", "Recipe.gradient_accumulation_steps = 5"]
    assert "use 4 or 8" in refusal(read_recipe, CONFIGS / "mean.gin", bindings)
