"""A config's settings: what is included, overridden, used, and written out again."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from small_configs import CONFIGS, refusal, writer

from sentiment.batching.samplers import AutoSampler, NotebookSampler
from sentiment.config import Config, read_config
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.recipe.early_stopping import Stopping
from sentiment.recipe.recipe import Recipe, read_recipe


@pytest.fixture
def write(tmp_path):
    return writer(tmp_path)


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.gin")), ids=lambda path: path.stem)
def test_every_config_but_the_base_gives_a_recipe(config):
    if config.stem == "base":
        assert "missing a required argument: 'name'" in refusal(read_recipe, config)
    else:
        assert read_recipe(config).name == config.stem


def test_the_notebooks_config_has_the_notebooks_settings():
    recipe = read_recipe(CONFIGS / "notebook.gin")
    assert (recipe.batch_size, recipe.buckets, recipe.steps, recipe.eval_every) == (16, (), 100, 10)
    assert isinstance(recipe.sampler(np.array([0, 1]), 16, 0), NotebookSampler)
    assert recipe.optimizer()._init_opt_params["learning_rate"] == 0.01


def test_a_later_line_and_a_binding_override_what_is_included(write):
    config = write("include 'mean.gin'", "Recipe.steps = 7", "Recipe.seed = 8")
    recipe = read_recipe(config, ["Recipe.seed = 9", "Preprocessor.stem = False"])
    assert (recipe.steps, recipe.seed, recipe.preprocessor.stem) == (7, 9, False)
    assert recipe.name == "mean"
    assert isinstance(recipe.sampler(np.array([0, 1]), 16, 0), AutoSampler)


def test_an_earlier_line_is_overridden_by_what_is_included_after_it(write):
    assert read_recipe(write("Recipe.steps = 7", "include 'mean.gin'")).steps == 100


@pytest.mark.parametrize("line", ["include 'mean.gin'", 'include "mean.gin"  # why', "  include   'mean.gin'\t"])
def test_an_include_is_found_beside_the_file_wherever_one_stands(write, tmp_path, monkeypatch, line):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mean.gin").write_text("Recipe.name = 'the wrong one'\n")
    monkeypatch.chdir(elsewhere)
    assert read_recipe(write(line)).name == "mean"


def test_nothing_of_an_earlier_config_is_left(write):
    read_recipe(CONFIGS / "mean.gin", ["Preprocessor.stem = False", "Vocabulary.max_size = 50"])
    recipe = read_recipe(write("include 'mean.gin'"))
    assert recipe.preprocessor.stem
    assert len(recipe.vocabulary([[str(word) for word in range(100)]])) == 103


def test_the_operative_config_gives_the_same_recipe_and_itself_again(write):
    bindings = ["Recipe.steps = 7", "Preprocessor.urls = 'token'", "Vocabulary.min_count = 2", "Recipe.buckets = (4,)"]
    written, recipe = _used(read_config(CONFIGS / "notebook.gin", bindings, CONFIGS))
    assert "include" not in written
    assert "notebook_classifier.d_embedding = 256" in written
    assert "NotebookSampler.shuffle = True" in written, "a default"
    rewritten, again = _used(read_config(write(*written.splitlines(), name="config.gin")))
    functions = ("vocabulary", "sampler", "model", "optimizer")
    for field in fields(Recipe):
        values = (getattr(of, field.name) for of in (again, recipe))
        one, other = (value.__name__ if field.name in functions else value for value in values)
        assert one == other, field.name
    assert rewritten == written


def test_a_run_from_before_a_setting_takes_its_default(write):
    written, _ = _used(read_config(CONFIGS / "mean.gin", (), CONFIGS))
    later = ("Recipe.compute", "Recipe.stripped_copies", "Recipe.clip_norm", "Recipe.stopping")
    lines = [line for line in written.splitlines() if not line.startswith(later)]
    recipe = read_recipe(write(*lines, name="config.gin"))
    assert (recipe.compute, recipe.stripped_copies, recipe.clip_norm) == ("float32", False, None)
    assert recipe.stopping == Stopping()


# What runs from before 2026-11-26 wrote down besides our own settings.
OF_TRAX = ["backend.name = 'jax'", "LogSoftmax.axis = -1", "Adam.b1 = 0.9", "Adam.clip_grad_norm = None"]


def test_a_run_that_wrote_down_the_defaults_of_trax_is_read(write):
    written, _ = _used(read_config(CONFIGS / "mean.gin", (), CONFIGS))
    assert read_config(write(*OF_TRAX, *written.splitlines(), name="config.gin")).make("Recipe").name == "mean"


@pytest.mark.parametrize("line", ["backend.name = 'tensorflow-numpy'", "LogSoftmax.axis = 0", "LogSoftmax.axis = True"])
def test_but_what_is_trax_s_own_stays_as_it_is(write, line):
    assert "line 2: no function" in refusal(read_recipe, write("include 'mean.gin'", line))


def _used(config: Config) -> tuple[str, Recipe]:
    # Only what was called is part of the operative config.
    recipe = config.make("Recipe")
    recipe.vocabulary([["a", "a"]])
    recipe.sampler(np.array([0, 1]), 16, 0)
    recipe.model().layers(Vocabulary.build([]), 2)
    recipe.optimizer()
    return config.operative(), recipe


def test_a_macro_stands_for_its_value_and_is_written_out(write):
    config = write("include 'mean.gin'", "n = 7", "lengths = (4, %n)", "Recipe.buckets = %lengths", "Recipe.steps = %n")
    written, recipe = _used(read_config(config, ["n = 9"], CONFIGS))
    assert (recipe.buckets, recipe.steps) == ((4, 9), 9)
    assert "Recipe.buckets = (4, 9)\n" in written
    assert "%" not in written


def test_a_block_binds_like_single_lines(write):
    recipe = read_recipe(
        write("include 'mean.gin'", "Recipe:", "  steps = 7", "  seed = 8", "Preprocessor.stem = False")
    )
    assert (recipe.steps, recipe.seed, recipe.preprocessor.stem) == (7, 8, False)


def test_what_a_caller_passes_counts_before_the_config(write):
    recipe = read_recipe(write("include 'mean.gin'", "Vocabulary.min_count = 2"))
    assert len(recipe.vocabulary([["a"]], min_count=1)) == 1 + len(recipe.vocabulary([["a"]]))


def test_reading_a_config_calls_nothing(write):
    config = read_config(write("include 'mean.gin'", "Recipe.steps = 'many'"), (), CONFIGS)
    assert config.get("Recipe", "steps") == "many"
    assert config.used == {}


def test_one_config_changes_nothing_of_another():
    one = read_config(
        CONFIGS / "mean.gin", ["Vocabulary.max_size = 5", "trax.optimizers.Adam.learning_rate = 0.5"], CONFIGS
    )
    first = one.make("Recipe")
    other = read_recipe(CONFIGS / "mean.gin")
    words = [[str(word) for word in range(100)]]
    assert (len(first.vocabulary(words)), len(other.vocabulary(words))) == (5, 103)
    rates = [recipe.optimizer().opt_params["learning_rate"] for recipe in (first, other)]
    assert rates == [0.5, pytest.approx(0.01)]


def test_a_config_travels_to_another_process(write):
    config = read_config(CONFIGS / "notebook.gin", ["Recipe.steps = 7"], CONFIGS)
    again = pickle.loads(pickle.dumps(config))  # noqa: S301 - our own
    assert again.make("Recipe").model.__name__ == "notebook_classifier"
    assert again.operative() == (config.make("Recipe"), config.operative())[1]
