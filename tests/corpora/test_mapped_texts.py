"""Texts in pieces are a sequence of the texts themselves, whatever they hold."""

import numpy as np
from any_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.mapped_texts import MappedTexts, TextPiece, taken

PIECES = st.lists(st.lists(ANY_TEXT, max_size=4), min_size=1, max_size=4)


@given(PIECES, st.data())
def test_they_are_the_texts(pieces, data):
    texts = [text for piece in pieces for text in piece]
    mapped = MappedTexts([TextPiece.of(piece) for piece in pieces])
    assert list(mapped) == texts
    assert [mapped[row] for row in range(len(texts))] == texts
    assert mapped[1:] == texts[1:]
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), bool)
    wanted = [text for text, use in zip(texts, mask, strict=True) if use]
    assert list(mapped.kept(mask)) == wanted
    assert list(taken(mapped, np.flatnonzero(mask))) == taken(texts, np.flatnonzero(mask)) == wanted
    assert list(mapped.kept(mask).followed_by(mapped)) == wanted + texts


@given(st.lists(ANY_TEXT, max_size=6), st.data())
def test_some_of_a_piece(texts, data):
    piece = TextPiece.of(texts)
    rows = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1)))) if texts else []
    assert piece.some(np.array(rows, np.int64)).texts() == [texts[row] for row in rows]
    assert piece.texts() == texts
