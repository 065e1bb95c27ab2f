"""The flags of files: what is said on a command line, as options and as gin bindings that a run's config repeats."""

import csv
import json
from pathlib import Path

import pytest

from sentiment.commands.file_flags import ALL, READING, FileFlags
from sentiment.corpora import CorpusOptions
from sentiment.errors import InputError
from sentiment.recipe.recipe import read_corpus, read_recipe
from sentiment.recipe.variants import find_config
from sentiment.training.train import read_settings


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
    label_map = {"0": "negative", "2": ""}
    assert flags.options() == CorpusOptions(encoding="latin-1", min_per_class=3, label_map=label_map)
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


_ROWS = [(f"a film {row}; number, {row % 7}", "xyzx"[row % 4]) for row in range(60)]
_SAID: dict[str, dict] = {
    "text": {"text": "text"},
    "label": {"label": "label"},
    "split_column": {"split_column": "part"},
    "validation": {"validation": "other.csv", "text": "text", "label": "label"},
    "test": {"test": "other.csv", "text": "text", "label": "label"},
    "shares": {"shares": "60/20/20"},
    "bad_rows": {"bad_rows": "stop"},
    "map": {"map": ["x=good", "y=bad", "z="]},
    "min_per_class": {"min_per_class": 20},
    "rare": {"min_per_class": 20, "rare": "merge"},
    "encoding": {"encoding": "latin-1"},
    "delimiter": {"delimiter": ";"},
    "quoting": {"quoting": "none"},
    "header": {"header": "none"},
    "sheet": {"sheet": "Sheet1"},
    "path": {"path": "data"},
    "labels_between": {"labels_between": "e"},
}


@pytest.mark.parametrize("name", ALL)
def test_every_flag_means_the_same_rows_to_corpus_as_to_train(name, script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in ("my", "other"):
        rows = [("text", "label", "part"), *((f"{file} {text}", label, "train") for text, label in _ROWS)]
        with Path(f"{file}.csv").open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(rows)
    flags = _flags(**_SAID[name])
    line = [part for flag, value in _SAID[name].items() for each in _listed(value) for part in (_written(flag), each)]
    described = script("corpus", "my.csv", "--json", *line)
    bindings = ["load_corpus.source = 'my.csv'", *flags.bindings()]
    settings = read_settings(find_config("mean"), bindings)
    if described.code:
        with pytest.raises(InputError) as refused:
            read_corpus(settings)
        assert described.err.splitlines()[-1] == f"error: {refused.value}"
        return
    corpus, _ = read_corpus(settings)
    found = json.loads(described.out)
    assert found["labels"] == dict(zip(corpus.label_names, corpus.counts().tolist(), strict=True))
    assert found["splits"] == {split: len(rows) for split, rows in corpus.splits.items()}


def _written(flag: str) -> str:
    return "--" + flag.replace("_", "-")


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [value]
