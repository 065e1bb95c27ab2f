"""A config says what a run is made of; whatever is wrong with it is one line that names the file."""

import shutil
from dataclasses import fields, replace
from pathlib import Path
from typing import Literal

import gin
import numpy as np
import pytest

from sentiment.batching.samplers import BalancedSampler, NotebookSampler
from sentiment.config import configurable, load_config, operative_config
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.recipe import recipe as recipe_module
from sentiment.recipe.early_stopping import Stopping
from sentiment.recipe.recipe import Recipe, read_corpus, read_recipe

CONFIGS = Path(__file__).resolve().parent.parent / "configs"


@pytest.fixture(autouse=True)
def _clean_gin():
    gin.clear_config()
    yield
    gin.clear_config()


@pytest.fixture
def write(tmp_path):
    """Writes `variant.gin`, of the given lines, into a folder with base.gin and mean.gin; returns its path."""
    for name in ("base.gin", "mean.gin"):
        shutil.copy(CONFIGS / name, tmp_path)

    def write(*lines, name="variant.gin"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def _told(call, *arguments) -> str:
    with pytest.raises(InputError) as raised:
        call(*arguments)
    told = str(raised.value)
    assert "\n" not in told
    assert " at 0x" not in told, "an address helps nobody"
    assert len(told) < 400
    return told


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.gin")), ids=lambda path: path.stem)
def test_every_config_but_the_base_gives_a_recipe(config):
    if config.stem == "base":
        assert "missing a required argument: 'name'" in _told(read_recipe, config)
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
    assert isinstance(recipe.sampler(np.array([0, 1]), 16, 0), BalancedSampler)


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


SIZES = [(1, 2, 128, 200), (2_500, 2, 128, 200), (10_000, 2, 128, 397), (30_000, 2, 128, 687)]
SIZES += [(30_000, 2, 64, 1_373), (30_000, 3, 128, 844), (10**6, 2, 128, 7_813)]


@pytest.mark.parametrize(("n_texts", "n_classes", "batch_size", "steps"), SIZES)
def test_automatic_steps_go_by_texts_and_classes(n_texts, n_classes, batch_size, steps):
    recipe = read_recipe(CONFIGS / "mean.gin", ["Recipe.steps = 'auto'", f"Recipe.batch_size = {batch_size}"])
    assert recipe.sized(n_texts, n_classes).steps == steps
    assert replace(recipe, steps=7).sized(n_texts, n_classes).steps == 7


WRONG = {
    "an unknown parameter": ("Recipe.stepz = 3", "stepz"),
    "an unknown configurable": ("Recip.steps = 3", "'Recip'"),
    "an unknown parameter of Trax's": ("trax.optimizers.Adam.lr = 1.0", "'lr'"),
    "an unknown reference": ("Recipe.model = @nosuch", "nosuch"),
    "an unknown macro": ("Recipe.steps = %nosuch", "nosuch"),
    "an unknown module": ("import nosuchmodule", "nosuchmodule"),
    "text for a number": ("Recipe.steps = 'many'", "Recipe.steps = 'many': input should be a valid integer or 'auto'"),
    "a number for a text": ("Recipe.name = 3", "Recipe.name = 3: input should be a valid string"),
    "a float for an integer": ("Recipe.batch_size = 16.0", "Recipe.batch_size = 16.0"),
    "a truth for an integer": ("Recipe.steps = True", "Recipe.steps = True"),
    "a number for a truth": ("Preprocessor.stem = 1", "Preprocessor.stem = 1"),
    "None for a number": ("Recipe.steps = None", "Recipe.steps = None"),
    "a text for lengths": ("Recipe.buckets = ('8', '16')", "Recipe.buckets"),
    "a list for a tuple": ("Recipe.buckets = [8, 16]", "input should be a valid tuple"),
    "no such task": ("Recipe.task = 'guess'", "input should be 'classify' or 'next_token'"),
    "no such choice": ("Preprocessor.stop_words = 'maybe'", "input should be 'drop' or 'keep'"),
    "a value for a function": ("Recipe.model = 'mean_classifier'", "Recipe.model = 'mean_classifier'"),
    "a call for a function": ("Recipe.vocabulary = @Vocabulary()", "Vocabulary: missing a required argument"),
    "no step": ("Recipe.steps = 0", "Recipe.steps = 0: must be 1 or more"),
    "a negative batch size": ("Recipe.batch_size = -16", "Recipe.batch_size = -16: must be 1 or more"),
    "no evaluation": ("Recipe.eval_every = 0", "Recipe.eval_every = 0: must be 1 or more"),
    "no checkpoint": ("Recipe.checkpoint_every = 0", "Recipe.checkpoint_every = 0: must be 1 or more"),
    "a negative seed": ("Recipe.seed = -1", "Recipe.seed = -1: must be 0 to 2147483647"),
    "a seed that JAX can't take": ("Recipe.seed = 2147483648", "must be 0 to 2147483647"),
    "descending lengths": ("Recipe.buckets = (16, 8)", "ascending"),
    "a length twice": ("Recipe.buckets = (8, 8)", "ascending"),
    "a length of 0": ("Recipe.buckets = (0, 8)", "must be lengths of 1 or more"),
    "a required parameter not given": ("Recipe.steps = %gin.REQUIRED", "Recipe.steps"),
    "no value": ("Recipe.steps =", "(line 2)"),
    "two equals signs": ("Recipe.steps = = 3", "(line 2)"),
    "an open bracket": ("Recipe.buckets = (8, 16", "multi-line"),
    "a word": ("steps", "(line 2)"),
    "an include without quotes": ("include base.gin", "(line 2)"),
}


@pytest.mark.parametrize(("line", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_that_names_the_file(write, line, words):
    config = write("include 'mean.gin'", line)
    told = _told(read_recipe, config)
    assert told.startswith(f"{config}: ")
    assert words in told


@pytest.mark.parametrize("line", ["Recipe.stepz = 3", "Recipe.steps = = 3", "Recip.steps = 3"])
def test_a_wrong_binding_is_told_with_the_file_and_the_binding(line):
    told = _told(read_recipe, CONFIGS / "mean.gin", ["Recipe.seed = 1", line])
    assert told.startswith(f"{CONFIGS / 'mean.gin'} with {line}: ")


def test_a_line_number_is_that_of_the_file_where_the_line_stands(write):
    write("# nothing", "", "Recipe.stepz = 3", name="inner.gin")
    told = _told(read_recipe, write("include 'mean.gin'", "include 'inner.gin'"))
    assert "inner.gin: " in told
    assert "line 3" in told
    told = _told(read_recipe, write("# first", "include 'mean.gin'", "# third", "Recipe.steps = = 3"))
    assert "variant.gin: " in told
    assert "(line 4)" in told


def test_a_config_that_is_not_there_is_told_by_name(tmp_path):
    assert str(tmp_path / "nosuch.gin") in _told(read_recipe, tmp_path / "nosuch.gin")
    assert str(tmp_path) in _told(read_recipe, tmp_path)


def test_an_include_that_is_not_there_is_told_by_name(write, tmp_path):
    assert _told(read_recipe, write("include 'nosuch.gin'")).startswith(f"{tmp_path / 'nosuch.gin'}: ")


@pytest.mark.parametrize("line", ["include 'variant.gin'", "include '../{folder}/variant.gin'"])
def test_a_config_that_includes_itself_is_told(write, tmp_path, line):
    assert "includes itself" in _told(read_recipe, write(line.format(folder=tmp_path.name)))


def test_a_config_that_is_not_text_is_told_by_name(tmp_path):
    (tmp_path / "binary.gin").write_bytes(b"\xff\xfe\x00")
    assert _told(read_recipe, tmp_path / "binary.gin").startswith(f"{tmp_path / 'binary.gin'}: ")


def test_a_parameter_that_is_left_out_is_named(write):
    lines = [line for line in (CONFIGS / "base.gin").read_text().splitlines() if not line.startswith("Recipe.seed")]
    config = write(*lines, "Recipe.name = 'mine'", "Recipe.model = @mean_classifier")
    assert "Recipe: missing a required argument: 'seed'" in _told(read_recipe, config)


def test_the_operative_config_gives_the_same_recipe_and_itself_again(write, tmp_path):
    bindings = ["Recipe.steps = 7", "Preprocessor.urls = 'token'", "Vocabulary.min_count = 2", "Recipe.buckets = (4,)"]
    recipe = read_recipe(CONFIGS / "notebook.gin", bindings)
    _use(recipe)
    written = operative_config()
    assert "include" not in written
    assert "notebook_classifier.d_embedding = 256" in written
    again = read_recipe(write(*written.splitlines(), name="config.gin"))
    _use(again)
    functions = ("vocabulary", "sampler", "model", "optimizer")
    for field in fields(Recipe):
        values = (getattr(of, field.name) for of in (again, recipe))
        one, other = (value.__name__ if field.name in functions else value for value in values)
        assert one == other, field.name
    assert operative_config() == written


def test_a_run_from_before_a_setting_takes_its_default(write):
    read_recipe(CONFIGS / "mean.gin")
    later = ("Recipe.compute", "Recipe.stripped_copies", "Recipe.clip_norm", "Recipe.stopping")
    lines = [line for line in operative_config().splitlines() if not line.startswith(later)]
    recipe = read_recipe(write(*lines, name="config.gin"))
    assert (recipe.compute, recipe.stripped_copies, recipe.clip_norm) == ("float32", False, None)
    assert recipe.stopping == Stopping()


def _use(recipe: Recipe) -> None:
    # Only what was called is part of the operative config.
    recipe.vocabulary([["a", "a"]])
    recipe.sampler(np.array([0, 1]), 16, 0)
    recipe.model().layers(Vocabulary.build([]), 2)
    recipe.optimizer()


def test_the_operative_config_holds_the_defaults_too():
    recipe = read_recipe(CONFIGS / "notebook.gin")
    _use(recipe)
    assert "NotebookSampler.shuffle = True" in operative_config()


@pytest.fixture
def sad_and_happy(tmp_path):
    path = tmp_path / "moods.csv"
    path.write_text("text,label\n" + "".join(f"word{n} is here,{'sad' if n % 2 else 'happy'}\n" for n in range(40)))
    return path


def test_auto_becomes_the_chosen_corpus_in_the_config(sad_and_happy, monkeypatch):
    monkeypatch.setattr(recipe_module, "choose_corpus", lambda: (str(sad_and_happy), "because it is there"))
    read_recipe(CONFIGS / "mean.gin")
    corpus, reason = read_corpus(CONFIGS / "mean.gin")
    assert (len(corpus.texts), reason) == (40, "because it is there")
    assert repr(str(sad_and_happy)) in operative_config()


def test_a_corpus_named_in_the_config_is_loaded_without_a_word(sad_and_happy):
    read_recipe(CONFIGS / "mean.gin", [f"load_corpus.source = {str(sad_and_happy)!r}"])
    corpus, reason = read_corpus(CONFIGS / "mean.gin")
    assert (corpus.label_names, reason) == (("happy", "sad"), "")


def test_a_corpus_that_is_not_named_or_of_the_wrong_type_is_one_line(write):
    config = write("include 'mean.gin'", "load_corpus.source = 5")
    read_recipe(config)
    assert "load_corpus.source = 5" in _told(read_corpus, config)
    lines = [line for line in (CONFIGS / "base.gin").read_text().splitlines() if not line.startswith("load_corpus")]
    config = write(*lines, "Recipe.name = 'mine'", "Recipe.model = @mean_classifier")
    read_recipe(config)
    told = _told(read_corpus, config)
    assert told.startswith(f"{config}: ")
    assert "load_corpus" in told
    assert "--corpus" in told


def test_arguments_are_checked_by_type_at_each_call():
    def _sized(n: int, scale: float = 1.0, way: Literal["up", "down"] = "up") -> tuple:
        return n, scale, way

    checked = configurable(_sized, "test_sized")
    assert checked(3) == (3, 1.0, "up")
    assert checked(3, scale=2, way="down") == (3, 2, "down")
    for arguments, words in (
        ({"n": "3"}, "test_sized.n = '3'"),
        ({"n": 3, "way": "left"}, "test_sized.way = 'left'"),
        ({"n": 3, "more": 4}, "test_sized: got an unexpected keyword argument 'more'"),
    ):
        with pytest.raises(InputError) as raised:
            checked(**arguments)
        assert words in str(raised.value)


def test_a_class_is_checked_like_a_function():
    class _Thing:
        def __init__(self, size: int):
            self.size = size

    checked = configurable(_Thing, "test_thing")
    assert checked(3).size == 3
    with pytest.raises(InputError, match=r"test_thing\.size = 'big'"):
        checked("big")


def test_loading_a_config_calls_nothing(write):
    load_config(write("include 'mean.gin'", "Recipe.steps = 'many'"))
    assert gin.query_parameter("Recipe.steps") == "many"
