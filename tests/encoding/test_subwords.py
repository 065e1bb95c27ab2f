import json

import numpy as np
import pytest
from any_text import ANY_TEXT
from hypothesis import given
from small_configs import refusal
from small_transformers import SMALL, roberta, word_piece, write_transformer

from sentiment.encoding.encoder import describe_encoder, encoder_from
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.preprocessor import Preprocessor
from sentiment.transformers.pretrained import load_transformer

NONE = Vocabulary(Vocabulary.SPECIAL)
SPACES = Preprocessor(words="spaces", users="token", urls="token", entities="first")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_transformer(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def subwords(folder):
    return Subwords.of_transformer(NONE, str(folder), length=24)


def pieces(subwords, text):
    names = {n: piece for piece, n in word_piece()["model"]["vocab"].items()}
    return [names[n] for n in subwords.encode(SPACES(text)).tolist()]


def test_a_text_is_its_subwords_between_the_special_entries(subwords):
    assert pieces(subwords, "Goodness! very  badly") == ["[CLS]", "good", "##ness", "!", "very", "bad", "##ly", "[SEP]"]


def test_users_and_addresses_are_written_as_in_tweeteval(subwords):
    assert pieces(subwords, "@anna http://a.b/c") == ["[CLS]", "@", "user", "http", "[SEP]"]


def test_an_empty_text_has_the_special_entries_alone(subwords):
    assert pieces(subwords, "") == ["[CLS]", "[SEP]"]


def test_special_entries_cant_be_written_in_a_text(subwords):
    assert 0 not in subwords.encode(["[PAD]"]).tolist()
    assert subwords.encode(["good", "[SEP]"]).tolist().count(3) == 1


def test_an_emoji_that_the_tokenizer_lacks_is_written_by_its_name(subwords):
    assert subwords._written["😀"] == "grinning face"
    assert subwords._written["👍🏽"] == "thumbs up sign"


def test_long_texts_lose_their_end(subwords):
    assert len(subwords.encode(["good"] * 100)) == 24
    assert subwords.encode(["good"] * 100)[-1] == 3


def test_unknown_words_are_those_with_an_unknown_subword(subwords):
    assert subwords.knows(["good", "goodness", "ж", "badж"]).tolist() == [True, True, False, False]


def test_each_id_comes_from_its_word(subwords):
    words = ["Goodness!", "very", "badly"]
    assert subwords.origins(words) == [(), (0,), (0,), (0,), (1,), (2,), (2,), ()]


@given(ANY_TEXT)
def test_any_text_has_ids_of_the_transformer_and_an_origin_for_each(subwords, text):
    words = SPACES(text)
    ids = subwords.encode(words)
    assert ids.dtype == np.int32
    assert 2 <= len(ids) <= 24
    assert all(1 <= n < 40 for n in ids.tolist())
    origins = subwords.origins(words)
    assert len(origins) == len(ids)
    assert all(place < len(words) for places in origins for place in places)
    assert len(subwords.knows(words)) == len(words)


@given(ANY_TEXT)
def test_words_between_spaces_keep_their_places(text):
    tokens = SPACES.tokens_with_offsets(text)
    assert [token.text for token in tokens] == SPACES(text)
    plain = Preprocessor(words="spaces", stem=False)
    assert [
        text[token.start : token.end] for token in plain.tokens_with_offsets(text)
    ] == text.split() or "http" in text


def test_padding_is_zero_whatever_the_publishers_is(tmp_path):
    folder = write_transformer(tmp_path, roberta())
    subwords = Subwords.of_transformer(NONE, str(folder), length=24)
    assert subwords.encode(["ж"]).tolist() == [2, 1, 3]  # the publisher's unknown is 0, its padding 1
    assert load_transformer(str(folder)).shape.pad == 1


def test_a_runs_description_and_tokenizer_make_it_anew(subwords, folder):
    described = describe_encoder(subwords)
    again = encoder_from(
        json.loads(json.dumps(described)), NONE, lambda: (subwords.tokenizer, folder / "tokenizer.json")
    )
    assert describe_encoder(again) == described
    assert again.encode(["very", "good"]).tolist() == subwords.encode(["very", "good"]).tolist()


def test_a_length_beyond_the_transformers_positions_is_refused(folder):
    assert "must be 3 to 24" in refusal(Subwords.of_transformer, NONE, str(folder), 25)


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"type": "Neural"}},
        {"model": {"type": "WordPiece", "vocab": {"a": "b"}}},
        {"normalizer": {"type": "Precompiled"}},
        {"normalizer": {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}},
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "x"}}]}},
        {"pre_tokenizer": "BertPreTokenizer"},
        {"post_processor": {"type": "BertProcessing"}},
    ],
)
def test_a_tokenizer_of_unknown_parts_is_refused(change, tmp_path):
    folder = write_transformer(tmp_path)
    (folder / "tokenizer.json").write_text(json.dumps(word_piece() | change))
    assert "tokenizer.json" in refusal(Subwords.of_transformer, NONE, str(folder), 24)


def test_more_ids_than_the_transformer_has_are_refused(tmp_path):
    folder = write_transformer(tmp_path, SMALL | {"vocab_size": 20})
    assert "ids" in refusal(Subwords.of_transformer, NONE, str(folder), 24)
