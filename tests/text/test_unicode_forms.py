"""What is written in several ways becomes one: entities, apostrophes, full-width letters, invisible ones, emoji."""

import html
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sentiment.text.preprocessor import Preprocessor
from sentiment.text.unicode_forms import base_emoji, fold_characters, straighten_all, unescape_entities

FORMS = {"entities": "first", "apostrophes": "all", "characters": "fold", "emoji": "base"}
PLAIN = Preprocessor(stop_words="keep", stem=False)
ALL = Preprocessor(stop_words="keep", stem=False, **FORMS)


ISNT = """isn't isn’t isn‘t isn´t isn`t isn′t isnʼt isn＇t ｉｓｎ't 𝐢𝐬𝐧't
isn&#x27;t isn&#39;t isn&apos;t isn&rsquo;t isn&#8217;t isn&amp;#x27;t"""


@pytest.mark.parametrize(
    "written", [*ISNT.split(), "is\u200bn't", "i\ufe0fsn't", "is\u00adn't", "is\u200dn't", "i\u0332s\u0332n't"]
)
def test_one_word_is_one_token_however_it_is_written(written):
    (token,) = ALL.tokens_with_offsets(written)
    assert token == ("isn't", 0, len(written))


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("👍🏽", "👍"),
        ("👍", "👍"),
        ("❤️", "❤"),
        ("🤷🏽\u200d♀️", "🤷"),
        ("👨\u200d👩\u200d👧", "👨"),
        ("❤️\u200d🔥", "❤"),
        ("1️⃣", "1"),
    ],
)
def test_an_emoji_stands_without_tone_variation_and_what_is_joined_to_it(written, token):
    assert ALL.tokens_with_offsets(f"so {written} good")[1] == (token, 3, 3 + len(written))


@pytest.mark.parametrize(
    "text", ["Nike™", "¯", "می\u200cخواهم", "क्\u200dष", "🇩🇪", "🏽", "½ ¼0", "AT&T", "salt&cents", "R&B &amp", "’"]
)
def test_what_has_one_form_only_stays(text):
    assert fold_characters(base_emoji(unescape_entities(text))) == text


@pytest.mark.parametrize(("setting", "value"), FORMS.items())
def test_each_form_has_a_setting_of_its_own_that_is_off_by_default(setting, value):
    texts = {"entities": "isn&#39;t", "apostrophes": "isn´t", "characters": "ｈａ\u200bｈａ", "emoji": "👍🏽"}
    for name, text in texts.items():
        changed = Preprocessor(stop_words="keep", stem=False, **{setting: value})(text)
        assert (changed != PLAIN(text)) == (name == setting)


PARTS = [*"e\u0301\u0323ｈﾊﾟﾞㄱㅏㄴ가\u1100\u1161\u11a8ﾡￂﬁ…½①\u09c7\u09be\u0b47\u0b57\u3000\xa0ḍ\u0307ÅΩ", "e\u0301"]


def is_kept(character: str) -> bool:
    """Whether NFKC would change a character that folding keeps, or folding removes it."""
    folded = fold_characters(f"一{character}一")[1:-1]
    return character in "\u200c\u200d" or not folded or folded == character != unicodedata.normalize("NFKC", character)


@given(st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PARTS), max_size=8).map("".join)))
@example("ﾡￂ")
def test_folded_characters_are_nfkc_also_where_it_composes_several(text):
    plain = "".join(character for character in text if not is_kept(character))
    assert fold_characters(plain) == unicodedata.normalize("NFKC", plain)


@given(st.text(max_size=30))
def test_forms_are_found_once_and_for_all(text):
    for step in (straighten_all, base_emoji, fold_characters):
        assert step(step(text)) == step(text)


@given(st.text(alphabet="abc &#x27;39lt'g", max_size=20))
def test_entities_that_end_are_those_of_html(text):
    escaped = html.escape(text.replace("&", ""))
    assert unescape_entities(escaped) == unescape_entities(html.escape(escaped)) == html.unescape(escaped)


@pytest.mark.parametrize(
    "part", ["e\u0301", "\u0301", "👍🏽\u200d", "👍\u200d👍", "&amp;", "&#", "ｈ", "´", "\u200c", "ㄱㅏ", "1\ufe0f"]
)
def test_a_huge_text_takes_linear_time(part):
    started = time.process_time()
    ALL(part * 10_000)
    ALL.tokens_with_offsets(part * 2_000)
    assert time.process_time() - started < 5
