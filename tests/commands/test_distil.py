"""`sentiment distil` by its flags: what it prints, and one line for what it can't use."""

import json

import pytest
from paths import FIXTURES

from sentiment import load_corpus
from sentiment.distillation import teachers

pytestmark = pytest.mark.usefixtures("compiled_once", "elsewhere")


@pytest.fixture
def flags(small_run, tmp_path, monkeypatch):
    """Flags of a small distillation without labelled rows."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    teachers._predictor.cache_clear()
    texts = load_corpus(str(FIXTURES / "moods.csv"), label="mood").texts
    rows = [f"today {' '.join(text.split())}" for text in texts]
    (tmp_path / "tweets.jsonl").write_text("\n".join(json.dumps({"text": row}) for row in rows) + "\n")
    small = ["--set", "mean_classifier.d_embedding = 8", "--steps", "10"]
    return ["--teacher", small_run, "--student", "mean", "--texts", tmp_path / "tweets.jsonl", *small]


def test_it_says_who_teaches_what_validates_and_what_was_lost(script, flags):
    answer = script("distil", *flags)
    assert answer.code == 0, answer.err
    assert "calm, happy, sad" in next(line for line in answer.out.splitlines() if line.startswith("teacher "))
    assert "validation is on the teachers' labels" in answer.out
    assert "agrees with its teachers on" in answer.out
    assert "validation accuracy" in answer.out.splitlines()[-1]


def test_flags_of_a_file_say_how_the_labelled_one_is_read(script, flags):
    answer = script("distil", *flags, "--corpus", FIXTURES / "moods.csv", "--label", "mood", "--confidence", 0.4)
    assert answer.code == 0, answer.err
    assert "texts are taught beside" in answer.out
    assert "; accuracy " in next(line for line in answer.out.splitlines() if line.startswith("taught "))


def test_without_a_teacher_or_texts_it_ends_in_one_line(script, flags):
    for given, message in (
        (flags[2:], "no teacher: name a finished run with --teacher"),
        (flags[:4], "names no texts to label"),
        ([*flags, "--temperature", "-2"], "Distillation.temperature = -2.0"),
        ([*flags, "--texts", "nowhere.csv"], "nowhere.csv"),
    ):
        answer = script("distil", *given)
        assert answer.code == 2
        assert message in answer.err
        assert len(answer.err.splitlines()) == 1
        assert answer.err.startswith("error: ")
