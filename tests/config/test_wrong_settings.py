"""Whatever is wrong with a config is one line that names the file and the line in it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_configs import CONFIGS, refusal, writer

from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe


@pytest.fixture
def write(tmp_path):
    return writer(tmp_path)


WRONG = {
    "an unknown parameter": ("Recipe.stepz = 3", "stepz"),
    "an unknown configurable": ("Recip.steps = 3", "'Recip'"),
    "an unknown parameter of Trax's": ("trax.optimizers.Adam.lr = 1.0", "'lr'"),
    "an unknown reference": ("Recipe.model = @nosuch", "nosuch"),
    "an unknown macro": ("Recipe.steps = %nosuch", "nosuch"),
    "text for a number": (
        "Recipe.steps = 'many'",
        "Recipe.steps = 'many': must be a number, 'auto', or like '4 epochs'",
    ),
    "a number for a text": ("Recipe.name = 3", "Recipe.name = 3: input should be a valid string"),
    "a float for an integer": ("Recipe.batch_size = 16.0", "Recipe.batch_size = 16.0"),
    "a truth for an integer": ("Recipe.steps = True", "Recipe.steps = True"),
    "a number for a truth": ("Preprocessor.stem = 1", "Preprocessor.stem = 1"),
    "None for a number": ("Recipe.steps = None", "Recipe.steps = None"),
    "a text for lengths": ("Recipe.buckets = ('8', '16')", "Recipe.buckets"),
    "a list for a tuple": ("Recipe.buckets = [8, 16]", "input should be a valid tuple"),
    "no such task": ("Recipe.task = 'guess'", "input should be 'classify', 'multilabel' or 'next_token'"),
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
    "no value": ("Recipe.steps =", "line 2"),
    "two equals signs": ("Recipe.steps = = 3", "line 2"),
    "an open bracket": ("Recipe.buckets = (8, 16", "line"),
    "a key that can't be one": ("Loss.class_weights = {[1]: 2.0}", "not gin"),
    "a function for a key": ("Loss.class_weights = {@Loss: 2.0}", "a key must be"),
    "brackets without end": ("Recipe.buckets = " + "(" * 5000, ""),
    "brackets in brackets": ("Recipe.buckets = " + "[" * 50 + "]" * 50, "more than 32 brackets"),
    "a macro of itself": ("a = %b\nb = (%a,)\nRecipe.steps = %a", "made of itself"),
    "a function of itself": ("Recipe.preprocessor = @Recipe()", "made of itself"),
    "values that double": (
        "\n".join(["a0 = 1", *(f"a{n} = (%a{n - 1}, %a{n - 1})" for n in range(1, 30)), "Recipe.buckets = %a29"]),
        "more than 10,000 values",
    ),
    "calls that double": (
        "Recipe.stopping = (@Loss(), @Loss(), @Loss())\nLoss.class_weights = "
        + str([("@Schedule()",) * 99] * 99).replace("'", ""),
        "more than 10,000 values",
    ),
    "a scope": ("early/Recipe.steps = 3", "scopes (early/) mean nothing"),
    "a scoped reference": ("Recipe.loss = @early/Loss()", "early/Loss"),
    "a word": ("steps", "line 2"),
    "an include without quotes": ("include base.gin", "line 2"),
}


@pytest.mark.parametrize(("line", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_that_names_the_file(write, line, words):
    config = write("include 'mean.gin'", line)
    told = refusal(read_recipe, config)
    assert told.startswith(f"{config}: ")
    assert words in told


@pytest.mark.parametrize("line", ["Recipe.stepz = 3", "Recipe.steps = = 3", "Recip.steps = 3"])
def test_a_wrong_binding_is_told_with_the_file_and_the_binding(line):
    told = refusal(read_recipe, CONFIGS / "mean.gin", ["Recipe.seed = 1", line])
    assert told.startswith(f"{CONFIGS / 'mean.gin'} with {line}: ")


def test_a_line_number_is_that_of_the_file_where_the_line_stands(write):
    write("# nothing", "", "Recipe.stepz = 3", name="inner.gin")
    told = refusal(read_recipe, write("include 'mean.gin'", "include 'inner.gin'"))
    assert "inner.gin: " in told
    assert "line 3" in told
    told = refusal(read_recipe, write("# first", "include 'mean.gin'", "# third", "Recipe.steps = = 3"))
    assert "variant.gin: " in told
    assert "line 4" in told


def test_a_config_that_is_not_there_is_told_by_name(tmp_path):
    assert str(tmp_path / "nosuch.gin") in refusal(read_recipe, tmp_path / "nosuch.gin")
    assert str(tmp_path) in refusal(read_recipe, tmp_path)


def test_an_include_that_is_not_there_is_told_by_name(write, tmp_path):
    assert refusal(read_recipe, write("include 'nosuch.gin'")).startswith(f"{tmp_path / 'nosuch.gin'}: ")


def test_a_config_that_includes_itself_is_refused(write):
    assert "includes itself" in refusal(read_recipe, write("include 'variant.gin'"))
    write("include 'variant.gin'", name="inner.gin")
    assert "includes itself" in refusal(read_recipe, write("include 'inner.gin'"))


def test_includes_that_double_come_to_an_end(write):
    for n in range(1, 30):
        write(*[f"include 'a{n - 1}.gin'"] * 2, name=f"a{n}.gin")
    write("n = 1", name="a0.gin")
    assert "more than 64 files" in refusal(read_recipe, write("include 'a29.gin'"))


@given(st.text(st.sampled_from("Recipe.steps=@%()[]{}'\"\\\n\t #:/,-0_x\0é"), max_size=60))
def test_any_text_is_a_config_or_refused_in_a_line(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.gin"
    path.write_text(text, newline="")
    with contextlib.suppress(InputError):
        read_recipe(path)


def test_a_config_that_is_not_text_is_told_by_name(tmp_path):
    (tmp_path / "binary.gin").write_bytes(b"\xff\xfe\x00")
    assert refusal(read_recipe, tmp_path / "binary.gin").startswith(f"{tmp_path / 'binary.gin'}: ")


def test_a_parameter_that_is_left_out_is_named(write):
    lines = [line for line in (CONFIGS / "base.gin").read_text().splitlines() if not line.startswith("Recipe.seed")]
    config = write(*lines, "Recipe.name = 'mine'", "Recipe.model = @mean_classifier")
    assert "Recipe: missing a required argument: 'seed'" in refusal(read_recipe, config)
