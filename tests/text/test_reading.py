"""A run says how its texts were read in training; a program that reads them otherwise says so."""

from dataclasses import fields, replace
from typing import get_args

import pytest
from small_configs import CONFIGS

from sentiment.prediction.predictor import Predictor
from sentiment.recipe.recipe import read_recipe
from sentiment.text import reading
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.reading import reading_of
from sentiment.text.word_lists import shipped_lines
from sentiment.training.trained_model import TrainedModel

CHOICES = [(field.name, value) for field in fields(Preprocessor) for value in (get_args(field.type) or (True, False))]


@pytest.mark.parametrize("config", ["notebook", "default", "anylanguage"])
def test_every_setting_of_a_preprocessor_is_seen(config):
    preprocessor = read_recipe(CONFIGS / f"{config}.gin").preprocessor
    for name, value in CHOICES:
        other = replace(preprocessor, **{name: value})
        assert (reading_of(other) == reading_of(preprocessor)) == (other == preprocessor), (name, value)


def test_one_more_phrase_is_another_reading_where_phrases_are_joined(monkeypatch):
    readers = [Preprocessor(idioms=idioms) for idioms in ("words", "join", "all")]
    before = list(map(reading_of, readers))
    more = {"phrases.txt": ["over the hills\t2"]}
    monkeypatch.setattr(reading, "shipped_lines", lambda name: [*shipped_lines(name), *more.get(name, [])])
    after = list(map(reading_of.__wrapped__, readers))
    assert [one != other for one, other in zip(before, after, strict=True)] == [False, False, True]


@pytest.mark.parametrize("load", [Predictor.load, TrainedModel.load])
def test_a_run_that_was_trained_with_other_rules_is_told_of(small_run, load, monkeypatch, capfd):
    reading._tell_once.cache_clear()
    load(small_run)
    assert capfd.readouterr().err == ""
    read = Preprocessor.__call__
    monkeypatch.setattr(Preprocessor, "__call__", lambda self, text: read(self, text)[1:])
    monkeypatch.setattr(reading, "reading_of", reading_of.__wrapped__)
    load(small_run)
    load(small_run)
    lines = capfd.readouterr().err.splitlines()
    assert lines == [
        f"{small_run}: another version of this program trained it, which read some texts otherwise: train again"
    ]
