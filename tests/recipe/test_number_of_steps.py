"""Where a config leaves the number of steps to its corpus, it goes by texts, classes and passes."""

from dataclasses import replace

import pytest
from small_configs import CONFIGS

from sentiment.recipe.recipe import read_recipe

SIZES = [(1, 2, 128, 200), (2_500, 2, 128, 200), (10_000, 2, 128, 397), (30_000, 2, 128, 687)]
SIZES += [(30_000, 2, 64, 1_373), (30_000, 3, 128, 844), (10**6, 2, 128, 7_813)]


@pytest.mark.parametrize(("n_texts", "n_classes", "batch_size", "steps"), SIZES)
def test_automatic_steps_go_by_texts_and_classes(n_texts, n_classes, batch_size, steps):
    recipe = read_recipe(CONFIGS / "mean.gin", ["Recipe.steps = 'auto'", f"Recipe.batch_size = {batch_size}"])
    assert recipe.sized(n_texts, n_classes).steps == steps
    assert replace(recipe, steps=7).sized(n_texts, n_classes).steps == 7


@pytest.mark.parametrize(
    ("epochs", "steps"), [("4 epochs", 429), ("1 epoch", 108), ("0.5 epochs", 54), ("0 epochs", 1)]
)
def test_epochs_are_passes_over_the_training_texts(epochs, steps):
    recipe = read_recipe(CONFIGS / "mean.gin", [f"Recipe.steps = '{epochs}'", "Recipe.batch_size = 32"])
    assert recipe.sized(3_432, 2).steps == steps


@pytest.mark.parametrize(("n_texts", "steps"), [(132, 21), (3_094, 469), (5_245, 492), (9_000, 844)])
def test_a_range_of_epochs_passes_over_few_texts_more_often(n_texts, steps):
    recipe = read_recipe(CONFIGS / "mean.gin", ["Recipe.steps = '3 to 5 epochs'", "Recipe.batch_size = 32"])
    assert recipe.sized(n_texts, 2).steps == steps
