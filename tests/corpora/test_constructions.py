"""Constructions: two halves that share neither texts nor words, each text with the label that its template says."""

import re
from collections import Counter
from pathlib import Path

import pytest

import sentiment
from sentiment.corpora.constructions import constructions, rated_alone, sentences, with_and_without_opinions
from sentiment.text.word_lists import shipped_lines

HALVES = ("train", "held_out")
PACKAGED = Path(sentiment.__file__).parent / "data" / "sentences.txt"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MEASURED, PLAIN = (BENCHMARKS / f"{name}_sentences.tsv" for name in ("written", "plain"))
TWO_SIDED = ("adj", "comp", "noun", "verb", "verbs", "verbed", "felt")


def words_of(half: str) -> dict[str, set[str]]:
    """Returns slot -> its words."""
    slots = (line.partition(" = ") for line in shipped_lines(f"constructions_{half}.txt") if " = " in line)
    return {name: set(re.split(r", | \| ", words)) for name, _, words in slots}


def written(path: Path) -> list[list[str]]:
    """Returns kind, label and text of each sentence of a file."""
    lines = path.read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith(("#", "kind\t"))]


@pytest.mark.parametrize("half", HALVES)
def test_each_text_comes_once_filled_and_the_same_every_time(half):
    texts = [each.text for each in constructions(half)]
    assert len(set(texts)) == len(texts) > 500
    assert not any(re.search(r"[{}|=]|\b[Aa] [aeio]", text) for text in texts)
    constructions.cache_clear()
    assert [each.text for each in constructions(half)] == texts


@pytest.mark.parametrize("half", HALVES)
def test_kinds_have_both_sides_so_that_none_gives_the_label_away(half):
    counts = Counter((each.kind, each.label) for each in constructions(half))
    for kind in ("clause", "negated", "never", "compared", "wish", "plain", "short", "idiom", "emoji"):
        assert min(counts[kind, "positive"], counts[kind, "negative"]) >= 3
    assert counts["fact", "nothing"] >= 50
    assert counts["foreign", "nothing"] >= 20


def test_the_halves_share_neither_texts_nor_templates_nor_words():
    train, held_out = ({each.text.casefold().strip(".!") for each in constructions(half)} for half in HALVES)
    assert not (train | {each.text for each in rated_alone() if each.kind == "short"}) & held_out
    templates = [{line for line in shipped_lines(f"constructions_{half}.txt") if "\t" in line} for half in HALVES]
    assert not templates[0] & templates[1]
    own, others = map(words_of, HALVES)
    for slot in TWO_SIDED:
        assert not own[slot] & others[slot]


def test_labels_turn_with_the_template():
    labels = {each.text.rstrip(".!").casefold(): each.label for each in constructions("held_out")}
    negated = [(text, label) for text, label in labels.items() if text.startswith("not the slightest")]
    assert {label for _, label in negated} == {"positive", "negative"}
    good = words_of("held_out")["noun"] & {"kindness", "warmth", "charm", "talent", "support", "value"}
    for text, label in negated:
        assert label == ("negative" if text.split()[-1] in good else "positive")


def test_facts_are_nothing_to_judge_unless_a_label_is_neutral():
    two, three = (with_and_without_opinions(names) for names in (("negative", "positive"), ("neg", "neutral", "pos")))
    assert set(three[1]) < set(two[1])
    assert three[0] == two[0]
    labels = {each.text: each.label for each in (*constructions("train"), *rated_alone())}
    assert {labels[text] for text in two[1]} == {"nothing"}
    assert {labels[text] for text in two[0]} == {"negative", "positive"}
    assert with_and_without_opinions(("sad", "glad")) is None
    assert with_and_without_opinions(("negative", "positive", "spam")) is None


def test_sentences_for_measuring_are_twenty_of_each_kind():
    assert set(Counter(kind for kind, _, _ in written(MEASURED)).values()) == {20}


@pytest.mark.parametrize("path", [MEASURED, PLAIN], ids=lambda path: path.name)
def test_sentences_for_measuring_are_among_none_that_are_learned(path):
    rows = written(path)
    texts = {text.casefold().rstrip(".!") for _, _, text in rows}
    assert len({text.casefold() for _, _, text in rows}) == len(rows)
    for own in (*map(constructions, HALVES), sentences()):
        assert not texts & {each.text.casefold().rstrip(".!") for each in own if each.kind != "emoji"}


@pytest.mark.parametrize("path", [PACKAGED, MEASURED], ids=lambda path: path.name)
def test_sentences_have_both_sides_but_where_there_is_nothing_to_judge(path):
    sides = Counter((kind, label) for kind, label, _ in written(path))
    for kind in {kind for kind, _, _ in written(path)}:
        both = sides[kind, "positive"], sides[kind, "negative"]
        if kind in ("fact", "foreign"):
            assert both == (0, 0)
        else:
            assert min(both) >= sum(both) // 4 > 0
            assert not sides[kind, "nothing"]


def test_sentences_are_what_was_written_each_once():
    rows = written(PACKAGED)
    assert [[each.kind, each.label, each.text] for each in sentences()] == rows
    assert len({text.casefold() for _, _, text in rows}) == len(rows) > 2600
    held_out = {each.text.casefold().strip(".!") for each in constructions("held_out")}
    assert not held_out & {text.casefold().strip(".!") for _, _, text in rows}
