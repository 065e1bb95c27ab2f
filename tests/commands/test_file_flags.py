"""The flags of files: what is said on a command line, as options and as gin bindings that a run's config repeats."""

import pytest

from sentiment.commands.file_flags import ALL, READING, FileFlags
from sentiment.corpora import CorpusOptions
from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe
from sentiment.recipe.variants import find_config


def _flags(**given) -> FileFlags:
    return FileFlags(dict.fromkeys(ALL) | given)


def test_what_is_not_said_is_found_out():
    assert _flags().options() == CorpusOptions()
    assert _flags().bindings() == []


def test_bindings_say_what_the_options_say():
    flags = _flags(text="title,body", label="class", encoding="latin-1", min_per_class=3, map=["0=negative", "2="])
    bindings = flags.bindings()
    assert bindings == [
        "load_corpus.text_column = 'title,body'",
        "load_corpus.label_column = 'class'",
        "load_corpus.options = @CorpusOptions()",
        "CorpusOptions.min_per_class = 3",
        "CorpusOptions.encoding = 'latin-1'",
        "CorpusOptions.label_map = {'0': 'negative', '2': ''}",
    ]
    assert flags.options() == CorpusOptions(encoding="latin-1", min_per_class=3)
    read_recipe(find_config("mean"), bindings)


@pytest.mark.parametrize("given", [{"map": ["x"]}, {"shares": "90"}, {"quoting": "some"}])
def test_a_wrong_value_is_told_before_anything_is_read(given):
    with pytest.raises(InputError, match="--"):
        _flags(**given).bindings()


def test_every_option_has_a_flag_and_every_flag_an_option():
    options = set(CorpusOptions.__dataclass_fields__) - {"label_map"} | {"text", "label", "map"}
    assert set(ALL) == options
    assert set(READING) <= set(ALL)


def test_a_runs_config_repeats_the_flags(script, tmp_path):
    path = tmp_path / "my.csv"
    path.write_text("text;label\n" + "".join(f"text {row};{'yx'[row % 2]}\n" for row in range(40)))
    path.write_text(path.read_text().replace(";", ","))
    flags = ["--shares", "90/10", "--map", "x=good", "--map", "y=bad"]
    assert script("train", "--corpus", path, *flags, "--steps", 1, "--run", tmp_path / "run").code == 0
    again = script("train", "--config", tmp_path / "run" / "config.gin", "--run", tmp_path / "again")
    assert again.code == 0, again.err
    assert (tmp_path / "again" / "model.json").read_bytes() == (tmp_path / "run" / "model.json").read_bytes()
    assert script("evaluate", "--run", tmp_path / "run", "--split", "test").code == 2, "there is no test split"
