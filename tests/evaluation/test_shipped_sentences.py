"""The two hand-written corpora that ship inside the package: five emoji classes, and a hundred negation pairs."""

import csv
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from paths import ROOT

from sentiment.corpora import load_corpus

DATA = ROOT / "sentiment" / "data"
SEED_EMOJI = ROOT.parent / "shared" / "data" / "emojifier"
EMOJI = ("❤️", "⚾", "😄", "😞", "🍴")
NEGATORS = {"not", "never", "no", "nothing", "nobody", "none", "neither", "hardly", "without"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def words(sentence: str) -> list[str]:
    return re.sub(r"[\W_]+", " ", sentence.casefold()).split()


def normalised(sentence: str) -> str:
    return " ".join(words(sentence))


def likeness(left: str, right: str) -> float:
    """Return the Jaccard similarity of the two sets of words, 0 to 1."""
    one, other = set(words(left)), set(words(right))
    return len(one & other) / len(one | other)


def five_grams(sentence: str) -> set[tuple[str, ...]]:
    tokens = words(sentence)
    return {tuple(tokens[start : start + 5]) for start in range(len(tokens) - 4)}


def negators(sentence: str) -> set[str]:
    return {word for word in sentence.casefold().split() if word in NEGATORS or word.endswith("n't")}


@pytest.fixture(scope="module")
def emoji() -> list[dict[str, str]]:
    return rows("emoji_sentences.csv")


@pytest.fixture(scope="module")
def pairs() -> list[dict[str, str]]:
    return rows("negation_pairs.csv")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("emoji_sentences.csv", "sentence,label,split"),
        ("negation_pairs.csv", "affirmative,negated,positive,part"),
    ],
)
def test_files_have_their_header_and_plain_line_ends(name: str, header: str) -> None:
    data = (DATA / name).read_bytes()
    assert data.decode("utf-8").startswith(header + "\n")
    assert b"\r" not in data
    assert data.endswith(b"\n")
    width = header.count(",") + 1
    assert all(len(row) == width and all(row.values()) and None not in row for row in rows(name))


def test_emoji_classes_are_balanced_in_both_splits(emoji: list[dict[str, str]]) -> None:
    counts = Counter((row["split"], row["label"]) for row in emoji)
    assert set(counts) == {(split, label) for split in ("train", "test") for label in EMOJI}
    for split in ("train", "test"):
        assert len({counts[split, label] for label in EMOJI}) == 1
    assert len(emoji) >= 300
    assert sum(row["split"] == "test" for row in emoji) >= 90


def test_emoji_rows_alternate_between_the_classes(emoji: list[dict[str, str]]) -> None:
    assert all(one["label"] != other["label"] for one, other in pairwise(emoji))


def test_emoji_sentences_are_distinct_after_normalisation(emoji: list[dict[str, str]]) -> None:
    counts = Counter(normalised(row["sentence"]) for row in emoji)
    assert [sentence for sentence, count in counts.items() if count > 1] == []


def test_no_held_out_sentence_has_a_near_twin_in_train(emoji: list[dict[str, str]]) -> None:
    train = [row["sentence"] for row in emoji if row["split"] == "train"]
    test = [row["sentence"] for row in emoji if row["split"] == "test"]
    assert [(one, other) for one in test for other in train if likeness(one, other) >= 0.8] == []


def test_emoji_sentences_are_short_plain_lower_case(emoji: list[dict[str, str]]) -> None:
    for row in emoji:
        assert re.fullmatch(r"[a-z']+( [a-z']+){1,11}", row["sentence"]), row["sentence"]


def test_the_probe_not_feeling_happy_is_not_in_the_corpus(emoji: list[dict[str, str]]) -> None:
    # The variants are compared on that phrase, so none may have learned it.
    assert not any("feeling happy" in normalised(row["sentence"]) for row in emoji)


def test_nothing_is_taken_from_the_seeds_sentences(emoji: list[dict[str, str]]) -> None:
    if not SEED_EMOJI.is_dir():
        pytest.skip("../shared/data/emojifier is absent, so there is nothing to compare with")
    seed = []
    for path in sorted(SEED_EMOJI.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            seed += [row[0] for row in csv.reader(lines) if row]
    assert len(seed) > 150
    taken = {normalised(sentence) for sentence in seed}
    phrases = set().union(*(five_grams(sentence) for sentence in seed))
    for row in emoji:
        assert normalised(row["sentence"]) not in taken
        assert not five_grams(row["sentence"]) & phrases, row["sentence"]


def test_negation_parts_hold_fifty_pairs_with_the_same_mix(pairs: list[dict[str, str]]) -> None:
    counts = Counter((row["part"], row["positive"]) for row in pairs)
    assert set(counts) == {(part, side) for part in ("develop", "unseen") for side in ("affirmative", "negated")}
    for part in ("develop", "unseen"):
        assert counts[part, "affirmative"] + counts[part, "negated"] == 50
        assert counts[part, "negated"] == 17


def test_negator_is_in_the_negated_sentence_alone(pairs: list[dict[str, str]]) -> None:
    for row in pairs:
        assert normalised(row["affirmative"]) != normalised(row["negated"])
        assert not negators(row["affirmative"]), row["affirmative"]
        assert len(negators(row["negated"])) == 1, row["negated"]


def test_both_parts_use_every_negator(pairs: list[dict[str, str]]) -> None:
    for part in ("develop", "unseen"):
        used = set().union(*(negators(row["negated"]) for row in pairs if row["part"] == part))
        assert used >= NEGATORS
        assert any(word.endswith("n't") for word in used)


def test_negation_sentences_occur_once(pairs: list[dict[str, str]]) -> None:
    sentences = [normalised(row[side]) for row in pairs for side in ("affirmative", "negated")]
    assert len(set(sentences)) == 200
    assert all(2 <= len(sentence.split()) <= 12 for sentence in sentences)


def test_the_emoji_corpus_keeps_its_test_part_and_validates_on_a_tenth_of_the_rest():
    corpus = load_corpus("emoji")
    sizes = {name: len(rows) for name, rows in corpus.splits.items()}
    assert sizes["test"] == 100
    assert sizes["train"] + sizes["validation"] == 600
    assert 50 <= sizes["validation"] <= 70
    assert corpus.label_names == ("❤️", "⚾", "😄", "😞", "🍴")
    assert all((np.bincount(corpus.split(name)[1]) > 0).all() for name in sizes)
    assert load_corpus("emoji").fingerprint() == corpus.fingerprint()
