"""Any preprocessor and any text, for property tests."""

from dataclasses import fields
from typing import get_args

from hypothesis import strategies as st

from sentiment.text.preprocessor import Preprocessor

CHOICES = {field.name: get_args(field.type) or (True, False) for field in fields(Preprocessor)}
SETTINGS = st.builds(Preprocessor, **{name: st.sampled_from(values) for name, values in CHOICES.items()})

_MARKS = [
    *("http://a.b/c", "https://", "@name", "@", "#tag", "#aTag_", "$UP", "RT ", "<b>", "no problem ", "’"),
    *("never so ", "was better before ", "no more "),
    *(":)", ":-(", ": (", "8d", "))", ". .\n.", "...", "!!!!", "GREAT", "soooo", "can't\nwait"),
]
_ODD = ["&amp;", "&#xd800;", "&#129;", "&#99999999999;", "&lt;3", "&notit", "yY", "aaaa", "👍🏽", "\u200d", "\r🏽"]
_ODD += [
    "isn´t",
    "isn&#x27;t",
    "&amp;#39;",
    "ｈａ",
    "e\u0301",
    "½",
    "ﬁ",
    "가",
    "ﾊﾟ",
    "\u200b",
    "\ufe0f",
    "👩🏽\u200d💻",
    "1\ufe0f\u20e3",
]
_ODD += ["\x00", "\\", " ", "\n", "İ"]
ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=())),  # lone surrogates too
    st.lists(st.one_of(st.sampled_from(_MARKS + _ODD), st.text(max_size=4)), max_size=40).map("".join),
)
