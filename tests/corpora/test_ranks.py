"""Ranks in pieces order and tell apart texts as the same ranks in one piece do, and take little memory."""

import tracemalloc

import numpy as np
import pytest
from any_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.bad_rows import contradictions
from sentiment.corpora.mapped_texts import MappedTexts, TextPiece
from sentiment.corpora.ranks import Ranks, ranks_of
from sentiment.corpora.readers import Table
from sentiment.corpora.splits import split_rows

BYTES_A_ROW = 64  # of memory that is taken beside what there is
FEW = st.sampled_from(["tea", "Tea!", "tea ", "rain", "", "!!"])


def _mapped(pieces: list[list[str]]) -> MappedTexts:
    ranks = [np.frombuffer(ranks_of(0, piece), np.uint8).reshape(-1, 32) for piece in pieces]
    return MappedTexts([TextPiece.of(piece) for piece in pieces], ranks=ranks)


@given(st.lists(st.lists(FEW | ANY_TEXT, max_size=6), min_size=1, max_size=4), st.data())
def test_the_order_is_that_of_whole_ranks(pieces, data):
    texts = [text for piece in pieces for text in piece]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), bool)
    kept = [text for text, use in zip(texts, mask, strict=True) if use]
    whole = [ranks_of(0, [text]) for text in kept]
    wanted = sorted(range(len(kept)), key=whole.__getitem__)
    for ranks in (Ranks.of(_mapped(pieces).kept(mask), 0), Ranks.of(kept, 0)):
        places, begins = ranks.order()
        assert places.tolist() == wanted
        firsts = [not n or whole[row] != whole[wanted[n - 1]] for n, row in enumerate(wanted)]
        assert begins.tolist() == firsts
        assert ranks.some(places).astype(">u8").tobytes() == b"".join(sorted(whole))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 1)), min_size=1, max_size=40), st.data()
)
def test_ranks_whose_beginnings_are_alike_are_told_apart(wholes, data):
    ranks = np.array([[first << 60, first << 60 | second, 0, third] for first, second, third in wholes], np.uint64)
    cut = data.draw(st.integers(0, len(ranks)))
    places, begins = Ranks([part.astype(">u8").view(np.uint8) for part in (ranks[:cut], ranks[cut:])]).order()
    assert places.tolist() == sorted(range(len(wholes)), key=wholes.__getitem__)
    ordered = [wholes[place] for place in places]
    assert begins.tolist() == [not n or own != ordered[n - 1] for n, own in enumerate(ordered)]


@given(st.lists(st.tuples(FEW, st.integers(-1, 2)), min_size=1, max_size=30), st.integers(0, 30))
def test_contradicting_rows_are_those_of_one_text_and_several_labels(rows, cut):
    texts, labels = [text for text, _ in rows], np.array([label for _, label in rows])
    wanted = [
        place
        for place, (text, label) in enumerate(rows)
        if label >= 0 and any(other == text and own not in (label, -1) for other, own in rows)
    ]
    for held in (texts, _mapped([texts[:cut], texts[cut:]])):
        lines = range(1, len(rows) + 1)
        table = Table("a", held, ["x"] * len(rows), [None] * len(rows), lines, ["a.csv"] * len(rows))
        found = contradictions(table, labels, lambda row: f"label {labels[row]}")
        assert [each.line - 1 for each in found] == wanted
        assert [each.error for each in found] == [f"labelled label {labels[row]}; used" for row in wanted]


@pytest.mark.parametrize("distinct", [300_000, 3_000])
def test_splits_and_contradictions_take_little_memory(distinct):
    draw = np.random.default_rng(0)
    ranks = draw.integers(0, 256, (distinct, 32), np.uint8)[draw.permutation(300_000) % distinct]
    pieces = [TextPiece(np.zeros(0, np.uint8), np.zeros(100_001, np.int64))] * 3
    texts = MappedTexts(pieces, ranks=np.split(ranks, 3))
    labels = draw.integers(0, 2, len(texts), np.int32) if distinct == len(texts) else np.zeros(len(texts), np.int32)
    table = Table("a", texts, ["x"] * len(texts), [None] * len(texts), range(len(texts)), ["a.csv"] * len(texts))
    tracemalloc.start()
    try:
        split_rows(texts, labels, 0)
        contradictions(table, labels, str)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < BYTES_A_ROW * len(texts)
