"""Letters of scripts that are written without spaces, as tokens."""

from any_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st

from sentiment.text.offsets import Token, TracedText
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.unspaced_scripts import is_letter, letters

LETTERS = Preprocessor(stop_words="keep", stem=False, unspaced="letters")
SCRIPTS = st.text(st.sampled_from("aé我欢あアﾊﾞ\u3099กำัั่\u200d한ك་ཀྱမြ \u0e31𠀀"), max_size=12)


def test_each_letter_has_its_marks_and_its_own_characters_of_the_text():
    assert LETTERS("我很喜欢iPhone手机 ดีมาก") == ["我", "很", "喜", "欢", "iphone", "手", "机", "ดี", "ม", "า", "ก"]
    assert LETTERS.tokens_with_offsets("a 我X很") == [
        Token("a", 0, 1), Token("我", 2, 3), Token("x", 3, 4), Token("很", 4, 5),
    ]  # fmt: skip


def test_scripts_with_spaces_are_left_in_words():
    text = "smørrebrød كتابها evlerimizden 한국어 слово हिन्दी"
    assert LETTERS(text) == Preprocessor(stop_words="keep", stem=False)(text) == text.split()


@given(st.one_of(ANY_TEXT, SCRIPTS))
def test_the_pieces_of_a_word_are_the_word(word):
    pieces = letters(word)
    assert "".join(pieces) == word
    assert [str(piece) for piece in letters(TracedText.of(word))] == pieces
    assert not any(is_letter(piece) for piece in pieces if piece.isascii())


@given(st.lists(st.builds(str.__add__, st.sampled_from("我ﾊあกဒཀ𠀀"), st.text("\u3099ัั่\u200d", max_size=2))))
def test_letters_side_by_side_are_the_same_letters_again(found):
    assert all(map(is_letter, found))
    assert letters("".join(found)) == (found or [""])
