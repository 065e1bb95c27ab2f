"""Strict removal of emoticons, with everything that would betray that there was one.

The labels of `twitter_samples` are its emoticons: what a model knows beyond them shows only where none is left. NLTK's
EMOTICON_RE leaves repeated, spaced and reversed mouths, in whole or in part, faces such as "T_T" and "XD", and the
brackets of ":-)))", which give the label away as well as the emoticon did.

Emoji are no emoticons: each is a character with a meaning of its own, part of what was said, and stays.
"""

import html
import itertools
import re
from collections.abc import Iterator

from sentiment.text.offsets import Edit, Text, edited
from sentiment.text.substitution import Substitution

_OPENING, _CLOSING = "([{（", ")]}）"
_BRACKET = rf"[{re.escape(_OPENING + _CLOSING)}]"
_EYES = "[:;=：；＝]"
_NOSE = r"[-–o^'’`´\"*~_,.]"
# Whole runs of brackets and of eyes: nothing begins within one. It also keeps the time linear.
_BRACKETS, _EYES_RUN = rf"(?<!{_BRACKET}){_BRACKET}++", rf"(?<!{_EYES}){_EYES}++"
# A letter or a digit is part of an emoticon only where no word goes on: ":P" and "XD", but not ":Paris", "10:3".
_NO_WORD_BEFORE, _NO_WORD_AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_LETTERS = "(?P<mouth>[DdPpOoSsCcXxLlbvÞ3$&])(?P=mouth)*+"

_EMOTICONS = (
    # With brackets, of which any number may stand: ":)" ">:-((" ": )" ":')" "8)" "(:" ") :" ")-:" "(8".
    rf"[<>}}O0]?{_EYES_RUN}\s?{_NOSE}{{0,4}}\s?{_BRACKET}++",
    rf"{_BRACKETS}\s?{_NOSE}{{0,4}}\s?{_EYES}++[<>]?",
    rf"{_NO_WORD_BEFORE}[8xXB%]{_NOSE}?{_BRACKET}++",
    rf"{_BRACKETS}{_NOSE}?[8xX%]{_NO_WORD_AFTER}",
    # Eyes alone, "::" ":'=", which NLTK takes for a face too.
    rf"[<>]?(?<!{_EYES}){_EYES}[-o*']?{_EYES}++[<>]?",
    # With letters: ":D" ":-P" ":'DDD" ": D" ":3" "8D" "XD", and from behind: "D:" "c:".
    rf"[<>]?(?<![0-9])(?:(?<!\w)|(?!=)){_EYES_RUN}{_NOSE}{{0,3}}{_LETTERS}{_NO_WORD_AFTER}(?![/\\|@])",
    rf"(?<![0-9]){_EYES}\s[DPp]{_NO_WORD_AFTER}",
    rf"{_NO_WORD_BEFORE}[DdCcPpq]{_NOSE}{{0,2}}{_EYES}++[<>]?(?![/\w])",
    rf"{_NO_WORD_BEFORE}(?:8[-o*']?[DdPp@|/\\:]|[DdPp@|/\\:][-o*']?8){_NO_WORD_AFTER}",
    rf"(?:{_NO_WORD_BEFORE}|(?<=[a-wyz]))[xX]++[-'’]?D++{_NO_WORD_AFTER}",
    rf"{_NO_WORD_BEFORE}[xX]++[-'’]?d++{_NO_WORD_AFTER}",
    # With other signs: ":/" ":|" ":*" ":>", and hearts: "<3" "<333" "</3" "< 3".
    rf"[<>]?{_EYES_RUN}{_NOSE}{{0,3}}(?:[/\\]++(?!\w)|@(?!\w)|[|*><]++)",
    rf"(?<!\w)[/\\|@]{_NOSE}{{0,3}}{_EYES}++[<>]?(?!/)",
    r"<++\s?[/\\]?3++(?![0-9.,])",
    # Seen from the front: "^_^" "^^" ">.<" "><" "-_-" "T_T" "T.T" "o_O" ";;" ";_;" "._." "ಠ_ಠ" "\\o/".
    r"(?<!\w)(?P<eye>[\^>*~•°@$´`;])(?:[_.,~owv]{1,8}|-)(?:(?P=eye)|<)(?!\w)",
    r"\^\s?\^++|>_*+<++|;;++|¬[\s_]?¬|[.]_++[.]|\\[oO0]/|(?<!\w)-(?:[_.]{1,8})-(?!\w)",
    rf"{_NO_WORD_BEFORE}(?P<letter>[TtQqYyXxUuNnEe0])(?P=letter)?[_^]++(?P=letter)++{_NO_WORD_AFTER}",
    rf"{_NO_WORD_BEFORE}(?:[Oo0]_++[Oo0]|[Oo][.][Oo]|T[.]T){_NO_WORD_AFTER}",
    r"(?P<pictured>[^\x00-\x7f\s])[_.]++(?P=pictured)",
    r"\((?=[^()]*[^\w\s()])[^\sA-Za-z0-9()]{2,12}\)|ʕ[^\sʔ]{1,12}ʔ|¯\\_\S{1,6}_/¯",
)
# Links and names come first: neither the ":/" of "http://" nor the "x_x" of "@x_x" is an emoticon. A link ends before
# brackets and colons, which people write without a space after it.
_KEPT = r"https?://[^\s()\[\]{}<>:;]*|www\.[^\s()\[\]{}<>:;]*|[@＠#]\w+"
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")  # what html.unescape looks at
_STRIP = Substitution(re.compile(f"(?P<kept>{_KEPT})|{'|'.join(_EMOTICONS)}"), lambda match: match["kept"] or " ")
_RUN_OF_BRACKETS = re.compile(_BRACKETS)


def strip_emoticons(text: Text) -> Text:
    """Returns the text without emoticons, a space in place of each.

    HTML entities are resolved first, also those escaped twice: "&lt;3" is "<3". Links, handles and hashtags stay as
    they are. Last, brackets are removed that stand in a run, have no partner or hold nothing: they were mouths, or an
    emoticon was their partner.
    """
    for _ in range(2 if "&" in text else 0):
        text = edited(text, _entities(str(text)))
    text = _STRIP(text)
    return edited(text, _stray_brackets(str(text)))


def _entities(text: str) -> Iterator[Edit]:
    """Yields the edits that `html.unescape` makes."""
    for match in _ENTITY.finditer(text):
        written = html.unescape(match[0])
        pairs = zip(reversed(match[0]), reversed(written), strict=False)
        tail = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)))  # "ersand" of "&ampersand"
        yield Edit(match.start(), match.end() - tail, written[: len(written) - tail])


def _stray_brackets(text: str) -> Iterator[Edit]:
    runs = [(match.start(), match[0]) for match in _RUN_OF_BRACKETS.finditer(text)]
    partners: set[int] = set()
    opened: list[int] = []
    for place, run in runs:
        if run in _OPENING:  # a longer run is in neither
            opened.append(place)
        elif run in _CLOSING and opened:
            opening = opened.pop()
            if text[opening] == _OPENING[_CLOSING.index(run)] and not text[opening + 1 : place].isspace():
                partners |= {opening, place}
    return (Edit(place, place + len(run), " ") for place, run in runs if place not in partners)
