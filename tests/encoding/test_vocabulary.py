"""A vocabulary numbers tokens in the order asked for, survives its file, and refuses a damaged one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError

TEXTS = [["b", "a", "b"], ["c"], [], ["a", "b", "d"]]
TOKENS = st.text(st.characters(exclude_categories=()), min_size=1)  # newlines and lone surrogates too
TOKEN_LISTS = st.lists(
    st.lists(st.one_of(TOKENS, st.sampled_from(["a", "b", "\n", "\\", "\\n", "\ud83d", "ud83d", "\r"])))
)


@pytest.mark.parametrize(
    ("options", "tokens"),
    [
        ({}, "bacd"),
        ({"order": "count"}, "bacd"),
        ({"min_count": 2}, "ba"),
        ({"min_count": 4}, ""),
        ({"max_size": 5}, "ba"),
        ({"max_size": 3}, ""),
        ({"max_size": 100}, "bacd"),
    ],
)
def test_tokens_are_numbered_in_the_order_asked_for(options, tokens):
    assert Vocabulary.build(TEXTS, **options).tokens == (*Vocabulary.SPECIAL, *tokens)


def test_order_by_count_puts_the_frequent_first_and_ties_as_they_came():
    texts = [["rare", "often", "twice", "also rare"], ["often", "twice"], ["often"]]
    assert Vocabulary.build(texts, order="count").tokens[3:] == ("often", "twice", "rare", "also rare")
    assert Vocabulary.build(texts, order="count", max_size=4).tokens[3:] == ("often",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": "alphabet"}, "order 'alphabet': use 'first_seen' or 'count'"),
        ({"min_count": 0}, "min_count 0: use 1 or more"),
        ({"max_size": 2}, "max_size 2: use 3 or more, or None"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(options, message):
    with pytest.raises(InputError, match=message):
        Vocabulary.build(TEXTS, **options)


def test_ids_are_int32_and_strangers_are_unknown():
    ids = Vocabulary.build(TEXTS).encode(["a", "zebra", "b"])
    assert ids.dtype == np.int32
    assert ids.tolist() == [4, Vocabulary.UNKNOWN, 3]
    assert Vocabulary.build(TEXTS).encode([]).tolist() == []


def test_a_text_cannot_write_padding():
    vocabulary = Vocabulary.build([["__PAD__", "a"]])
    assert vocabulary.tokens == (*Vocabulary.SPECIAL, "a")
    assert vocabulary.encode(["__PAD__", "__</e>__", "a"]).tolist() == [2, 2, 3]
    assert "__PAD__" not in vocabulary
    assert "a" in vocabulary


@given(TOKEN_LISTS)
def test_every_token_has_the_id_of_its_place(token_lists):
    vocabulary = Vocabulary.build(token_lists)
    assert len(vocabulary) == len(vocabulary.tokens)
    assert vocabulary.encode(vocabulary.tokens[3:]).tolist() == list(range(3, len(vocabulary)))


@given(token_lists=TOKEN_LISTS)
def test_a_file_gives_back_every_token(token_lists, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "vocabulary.txt"
    vocabulary = Vocabulary.build(token_lists)
    vocabulary.save(path)
    assert Vocabulary.load(path) == vocabulary
    assert path.read_bytes().count(b"\n") == len(vocabulary)


def test_the_file_has_one_readable_token_a_line(tmp_path):
    Vocabulary.build([["é", ":\\", ".\n.", "\u2028", "\ud83d", "a\r"]]).save(tmp_path / "vocabulary.txt")
    lines = ["__PAD__", "__</e>__", "__UNK__", "é", ":\\\\", ".\\n.", "\u2028", "\\ud83d", "a\r", ""]
    assert (tmp_path / "vocabulary.txt").read_bytes().decode("utf-8").split("\n") == lines


START = b"__PAD__\n__</e>__\n__UNK__\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: '__PAD__' is missing"),
        (START[:17], "line 3: '__UNK__' is missing"),
        (b"a\nb\nc\n", "line 1: 'a' instead of '__PAD__'"),
        (START.replace(b"\n", b"\r\n"), r"line 1: '__PAD__\r' instead of '__PAD__'"),
        (START + b"a\nb\na\n", "line 6: 'a' for the second time, first at entry 4"),
        (START + b"a\n__PAD__\n", "line 5: '__PAD__' for the second time, first at entry 1"),
        (START + b"a\n\nb\n", "line 5: an empty token"),
        (START + b"a\nb\xff\n", "line 5: not UTF-8 (invalid start byte at byte 2)"),
        (START + b"a\nb", "line 5: cut short, no end of line"),
        (START + b":\\\n", "line 4: a backslash that should stand twice"),
        (START + b"\\u0041\n", "line 4: a backslash that should stand twice"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line_with_its_place(content, told, tmp_path):
    path = tmp_path / "vocabulary.txt"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        Vocabulary.load(path)
    assert str(caught.value) == f"{path}, {told}; copy the file anew, or train again"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.txt: no such vocabulary; train first"):
        Vocabulary.load(tmp_path / "nothing.txt")


@pytest.mark.parametrize("tokens", [(), ("a",), (*Vocabulary.SPECIAL, ""), (*Vocabulary.SPECIAL, "a", "a")])
def test_a_vocabulary_is_never_inconsistent(tokens):
    with pytest.raises(ValueError, match=r"entry \d+ of a vocabulary: "):
        Vocabulary(tokens)
