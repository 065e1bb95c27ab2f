"""Configs that runs from before 2026-11-26 hold still describe the models that those runs' weights belong to.

tests/fixtures/old_configs holds the config.gin of runs of each architecture, as that day's code wrote it, and in
weights.json the names and shapes of their weights and states, with the size of their vocabularies.
"""

import json

import numpy as np
import pytest
from paths import FIXTURES

from sentiment.config import read_config
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.recipe.recipe import read_recipe
from sentiment.training.trained_model import named_weights
from sentiment.trax_runtime import shapes

FOLDER = FIXTURES / "old_configs"
RUNS = json.loads((FOLDER / "weights.json").read_text())
N_CLASSES = 3
SINCE = (  # settings that are newer, at what leaves a model as it was
    "tweet_classifier.clauses = False",
    "tweet_classifier.opposites = False",
)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_before_is_the_model_that_it_was(name):
    words = (f"word{number}" for number in range(RUNS[name]["vocabulary"] - len(Vocabulary.SPECIAL)))
    recipe = read_recipe(FOLDER / f"{name}.gin")
    model = recipe.model().layers(recipe.encoder(Vocabulary.build([words])), N_CLASSES, mode="eval")
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    assert {name: list(tensor.shape) for name, tensor in named_weights(model).items()} == RUNS[name]["weights"]


@pytest.mark.parametrize("name", RUNS)
def test_the_names_of_a_models_settings_are_those_of_before(name):
    before = (FOLDER / f"{name}.gin").read_text().splitlines()
    config = read_config(FOLDER / f"{name}.gin")
    config.make("Recipe").model()
    architecture = next(line.partition("@")[2] for line in before if line.startswith("Recipe.model"))
    of_model = [line for line in before if line.startswith(f"{architecture}.")]
    now = [line for line in config.operative().splitlines() if line.startswith(f"{architecture}.")]
    assert of_model == [line for line in now if line not in SINCE]
