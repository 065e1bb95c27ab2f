"""Scripts that are written without spaces between words: their letters are the tokens that can be told apart."""

import re

from sentiment.text.offsets import Text

# Thai, Lao, Tibetan, Myanmar, Khmer; kana; Chinese characters, also those of the supplementary planes; bopomofo.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u312f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Vowels, tones and voicing marks that are written on the letter before them, and joiners.
_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f86-\u0f87"
    "\u0f8d-\u0fbc\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
    "\u17b4-\u17d3\u17dd\u3099-\u309a\uff9e-\uff9f\ufe00-\ufe0f\U000e0100-\U000e01ef\u200c\u200d"
)
_BASE = f"(?![{_MARKS}])[{_UNSPACED}]"
_LETTER = re.compile(f"{_BASE}[{_MARKS}]*")
_PIECE = re.compile(f"{_LETTER.pattern}|(?:(?!{_BASE}).)+", re.DOTALL)


def is_letter(token: str) -> bool:
    """Whether a token is one letter of such a script, with its marks."""
    return token > "\u0dff" and _LETTER.fullmatch(token) is not None


def letters(word: Text) -> list[Text]:
    """Returns a word's letters of such scripts one by one, and what stands between them ("iPhone手机" -> 3 pieces)."""
    plain = str(word)
    if plain.isascii():
        return [word]
    return [word[slice(*match.span())] for match in _PIECE.finditer(plain)]
