"""One way of writing for what can be written in several: entities, apostrophes, compatibility characters, emoji."""

import html
import re
import unicodedata
from collections.abc import Iterator

from sentiment.text.offsets import Edit, Text, edited
from sentiment.text.substitution import Substitution

# Ends with ";": without one, html.unescape makes "salt¢s" of "salt&cents".
_ENTITY = Substitution(
    re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
    lambda match: html.unescape(match[0]),
)

# Quotation marks, accents that stand alone, primes, letters that look like one. Where it ends up as a quotation mark,
# the sign is dropped like all single signs.
straighten_all = Substitution(re.compile("[`´‘’‚‛′‵ʹʻʼʽˈꞌ՚＇]"), "'")

# Zero-width spaces, word joiners, soft hyphens, marks of the direction, variation selectors, lines under or through
# plain letters, joiners beside letters of Latin, Greek and Cyrillic: other scripts and emoji need theirs.
_INVISIBLE = Substitution(
    re.compile(
        "[\u00ad\u034f\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
        "\U000e0100-\U000e01ef]|(?<=[A-Za-z])[\u0332\u0333\u0335-\u0338]+|(?<=[!-\u058f])[\u200c\u200d]|[\u200c\u200d](?=[!-\u058f])"
    ),
    "",
)

_TONE = "[\U0001f3fb-\U0001f3ff]"
_EMOJI = "[\u203c-\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff]"
_ADDITION = f"(?:\ufe0f|{_TONE}|\u200d{_EMOJI})"
base_emoji = Substitution(
    re.compile(f"({_EMOJI}){_ADDITION}+|([0-9#*])\ufe0f?\u20e3"), lambda match: match[1] or match[2]
)


_JOINERS = "\u200c\u200d"
_HANGUL = (("\u1100", "\u11ff"), ("\u3131", "\u318e"), ("\uffa0", "\uffdc"))  # letters, which become syllables


def unescape_entities(text: Text) -> Text:
    """Returns the text with HTML's entities as characters, also those that were escaped twice ("&amp;#x27;")."""
    return _ENTITY(_ENTITY(text))


def fold_characters(text: Text) -> Text:
    """Returns the text in NFKC (full-width letters and the like become plain ones), without invisible characters.

    Unlike Unicode's NFKC, keeps fractions, "™", "℠" and accents that stand alone, which NFKC writes as a space and a
    mark.
    """
    if str(text).isascii():
        return text
    text = _INVISIBLE(text)
    return text if unicodedata.is_normalized("NFKC", str(text)) else edited(text, _compatible(str(text)))


def begins_or_ends_joined(text: str) -> bool:
    """Whether what stands before or after a text has a part in what `fold_characters` makes of it."""
    return text != "" and (_joins(text[0]) or text[0] in _JOINERS or text[-1] in _JOINERS)


def _compatible(text: str) -> Iterator[Edit]:
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins(text[end]):
            continue
        piece = text[start:end]
        written = unicodedata.normalize("NFKC", piece)
        if written != piece and not _is_better_kept(piece, written):
            yield Edit(start, end, written)
        start = end


def _is_better_kept(piece: str, written: str) -> bool:
    return piece in "™℠" or "⁄" in written or (written[:1] == " " and not piece[0].isspace())


def _joins(character: str) -> bool:
    """Whether NFKC may compose the character with what stands before it."""
    if unicodedata.category(character)[0] == "M":
        return True
    if "\uff9e" <= character <= "\uff9f":  # voicing marks of half-width katakana
        return True
    return any(low <= character <= high for low, high in _HANGUL)
