"""Hashed n-grams: ids of words and of n-grams, as they are defined."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.encoding.hashed_ngrams import HashedNgrams, ngram_table
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.bounded_memo import BoundedMemo
from sentiment.text.tokenised import Tokenised

VOCABULARY = Vocabulary((*Vocabulary.SPECIAL, "sun", "sunny", ":)", "ü"))
WORDS = st.sampled_from(["sun", "sunny", ":)", "ü", "moon", "\ud83d", "x" * 60]) | st.text(min_size=1, max_size=8)


def plain(tokens: list[str], word_ngrams: int, shortest: int, longest: int, n_buckets: int) -> list[int]:
    def bucket(part: str) -> int:
        return len(VOCABULARY) + zlib.crc32(part.encode("utf-8", "surrogatepass")) % n_buckets

    ids = []
    for token in tokens:
        ids += [VOCABULARY.tokens.index(token)] if token in VOCABULARY else []
        marked = f"<{token}>"
        ids += [bucket(marked[i : i + n]) for n in range(shortest, longest + 1) for i in range(len(marked) - n + 1)]
    for n in range(2, word_ngrams + 1):
        ids += [bucket("\n".join(tokens[i : i + n])) for i in range(len(tokens) - n + 1)]
    return ids


@pytest.mark.parametrize("settings", [(2, 3, 5, 65_536), (4, 2, 3, 1000), (1, 3, 5, 50), (3, 1, 0, 50)])
@given(texts=st.lists(st.lists(WORDS, max_size=8), max_size=5))
def test_the_ids_are_those_of_words_and_of_hashed_ngrams(settings, texts):
    encoder = HashedNgrams(VOCABULARY, *settings)
    for tokens in texts * 2:  # also those that it remembers
        ids = encoder.encode(tokens)
        assert (ids.tolist(), ids.dtype) == (plain(tokens, *settings), "int32")
        assert len(encoder.origins(tokens)) == len(ids)
    together = encoder.encode_texts(Tokenised.of(texts))
    assert together.lengths.tolist() == [len(plain(tokens, *settings)) for tokens in texts]
    assert together.ids.tolist() == [each for tokens in texts for each in plain(tokens, *settings)]


@given(tokens=st.lists(WORDS.filter(lambda word: word not in Vocabulary.SPECIAL), unique=True, max_size=6))
def test_a_table_has_the_shorter_ngrams_of_each_token_once(tokens):
    table = ngram_table(Vocabulary((*Vocabulary.SPECIAL, *tokens)), range(2, 4), most=9, n_buckets=50)
    assert (table.shape, table.dtype) == ((3 + len(tokens), 9), np.uint16)
    assert not table[:3].any()
    for token, row in zip(tokens, table[3:], strict=True):
        marked = f"<{token}>"
        parts = list(dict.fromkeys(marked[i : i + n] for n in (2, 3) for i in range(len(marked) - n + 1)))[:9]
        expected = [1 + zlib.crc32(part.encode("utf-8", "surrogatepass")) % 49 for part in parts]
        assert row.tolist() == expected + [0] * (9 - len(expected))


def test_what_is_remembered_is_computed_once_unless_it_is_long_or_there_is_much():
    asked = []
    remembered = BoundedMemo(lambda string: asked.append(string) or len(string), most=2, longest=3)
    assert [remembered[each] for each in ("a", "a", "long", "long", "bb", "a")] == [1, 1, 4, 4, 2, 1]
    assert asked == ["a", "long", "long", "bb"]
    assert [remembered[each] for each in ("ccc", "a", "ccc")] == [3, 1, 3]  # the third clears the memory
    assert asked[4:] == ["ccc", "a"]


def test_letters_of_a_script_without_spaces_are_one_word_whose_ngrams_come_from_them():
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, "我", "ดี", "ok"))
    encoder = HashedNgrams(vocabulary, word_ngrams=2, shortest=2, longest=2, n_buckets=1000, join_letters=True)
    tokens = ["我", "很", "ดี", "ok", "ok"]
    parts = ["<我", "我很", "很ด", "ดี", "ี>", "<o", "ok", "k>", "<o", "ok", "k>", "我很ดี\nok", "ok\nok"]
    hashed = [6 + zlib.crc32(part.encode()) % 1000 for part in parts]
    assert encoder.encode(tokens).tolist() == [3, 4, *hashed[:5], 5, *hashed[5:8], 5, *hashed[8:]]
    assert encoder.origins(tokens) == [
        *((0,), (2,), (0,), (0, 1), (1, 2), (2,), (2,)), *[(3,)] * 4, *[(4,)] * 4, (0, 1, 2, 3), (3, 4),
    ]  # fmt: skip


@given(texts=st.lists(st.lists(WORDS | st.sampled_from("我很欢あ"), max_size=8), max_size=5))
def test_every_id_has_its_origin_also_where_letters_are_joined(texts):
    encoder = HashedNgrams(VOCABULARY, join_letters=True)
    for tokens in texts:
        assert len(encoder.origins(tokens)) == len(encoder.encode(tokens))


def test_a_word_is_known_by_most_of_its_ngrams():
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, "gatukalar", "nobarim", "我"))
    encoder = HashedNgrams(vocabulary, shortest=2, longest=4)
    tokens = ["nobarim", "gatukarim", "gatukaxyzwv", "zzz", "a", "我", "很"]
    assert encoder.knows(tokens).tolist() == [True, True, False, False, False, True, False]
    assert not HashedNgrams(vocabulary, shortest=1, longest=0).knows(["gatukarim"]).any()
