"""A recipe and the corpus that its config names."""

import pytest
from small_configs import CONFIGS, refusal, writer

from sentiment.config import read_config
from sentiment.recipe import recipe as recipe_module
from sentiment.recipe.recipe import read_corpus


@pytest.fixture
def write(tmp_path):
    return writer(tmp_path)


@pytest.fixture
def sad_and_happy(tmp_path):
    path = tmp_path / "moods.csv"
    path.write_text("text,label\n" + "".join(f"word{n} is here,{'sad' if n % 2 else 'happy'}\n" for n in range(40)))
    return path


def test_auto_becomes_the_chosen_corpus_in_the_config(sad_and_happy, monkeypatch):
    monkeypatch.setattr(recipe_module, "choose_corpus", lambda: (str(sad_and_happy), "because it is there"))
    config = read_config(CONFIGS / "mean.gin", (), CONFIGS)
    corpus, reason = read_corpus(config)
    assert (len(corpus.texts), reason) == (40, "because it is there")
    assert repr(str(sad_and_happy)) in config.operative()


def test_a_corpus_named_in_the_config_is_loaded_without_a_word(sad_and_happy):
    config = read_config(CONFIGS / "mean.gin", [f"load_corpus.source = {str(sad_and_happy)!r}"], CONFIGS)
    corpus, reason = read_corpus(config)
    assert (corpus.label_names, reason) == (("happy", "sad"), "")


def test_a_corpus_that_is_not_named_or_of_the_wrong_type_is_one_line(write):
    config = read_config(write("include 'mean.gin'", "load_corpus.source = 5"), (), CONFIGS)
    assert "load_corpus.source = 5" in refusal(read_corpus, config)
    lines = [line for line in (CONFIGS / "base.gin").read_text().splitlines() if not line.startswith("load_corpus")]
    config = read_config(write(*lines, "Recipe.name = 'mine'", "Recipe.model = @mean_classifier"))
    line = refusal(read_corpus, config)
    assert line.startswith(f"{config.path}: ")
    assert "load_corpus" in line
    assert "--corpus" in line
