"""Vectors come out of every text format as they went in, whatever their words hold."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_vectors import LINES, refused, vocabulary, write_as, zip_of

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors import load_vectors

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
# What a line or the space between values ends can't be in a word; a byte order mark is no word's first letter.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \n\ufeff"), min_size=1)


@pytest.mark.parametrize("form", ["txt", "gz", "zip", "vec", "vec.gz", "vec.zip"])
@settings(max_examples=40)
@given(data=st.data())
def test_vectors_come_out_of_every_format_as_they_went_in(form, data, tmp_path_factory):
    words = data.draw(st.lists(WORDS, min_size=1, unique=True))
    d = data.draw(st.integers(1, 5))
    values = data.draw(st.lists(st.lists(FLOATS, min_size=d, max_size=d), min_size=len(words), max_size=len(words)))
    expected = np.array(values, np.float32)
    vectors = load_vectors(write_as(tmp_path_factory.getbasetemp(), form, words, expected), d=d)
    matrix = vectors.matrix_for(vectors.vocabulary())
    kept = [number for number, word in enumerate(words) if word not in Vocabulary.SPECIAL]
    assert vectors.vocabulary().tokens[3:] == tuple(words[number] for number in kept)
    np.testing.assert_array_equal(matrix[3:], expected[kept])
    assert not matrix[:3].any()


def test_words_with_spaces_are_read_as_glove_840b_has_them(glove):
    matrix = load_vectors(glove("a 1 2", ". . . 3 4", "to name@domain.com 5 6")).matrix_for(
        vocabulary(". . .", "to name@domain.com", "to")
    )
    assert matrix[3:].tolist() == [[3, 4], [5, 6], [0, 0]]


def test_windows_line_ends_a_byte_order_mark_blank_lines_and_no_last_newline_do_no_harm(glove):
    expected = [[1, 2], [3, 4]]
    windows = glove(b"\xef\xbb\xbfa 1 2", "", "b 3 4", "", end="\r\n")
    assert load_vectors(windows).matrix_for(vocabulary("a", "b"))[3:].tolist() == expected
    header = glove(b"\xef\xbb\xbf2 2", "a 1 2", "b 3 4", name="b.vec")
    header.write_bytes(header.read_bytes().rstrip(b"\n"))
    assert load_vectors(header).matrix_for(vocabulary("a", "b"))[3:].tolist() == expected


def test_other_line_separators_belong_to_words(glove):
    words = ["a\x85b", "c\u2028d", "e\u00a0f", "g\x0bh", "i\rj"]
    vectors = load_vectors(glove(*(f"{word} {number} 0" for number, word in enumerate(words, start=1))))
    assert vectors.matrix_for(vocabulary(*words))[3:, 0].tolist() == [1, 2, 3, 4, 5]


def test_a_token_with_half_a_surrogate_pair_is_unknown_rather_than_an_error(glove):
    matrix = load_vectors(glove(*LINES)).matrix_for(vocabulary("\ud83d", "the"))
    assert matrix[3:].tolist() == [[0, 0, 0], [1, -2, 0.5]]


def test_a_zip_of_several_files_asks_which_and_takes_the_one_named(tmp_path):
    path = zip_of(tmp_path / "g.zip", g50d__DOT__txt="a 1 2\n", g100d__DOT__txt="a 1 2 3\n", readme__DOT__md="hello")
    with refused(str(path), "several files, g50d.txt, g100d.txt", "name one as member"):
        load_vectors(path)
    with refused(str(path), "no 'g200d.txt'", "name one of g50d.txt, g100d.txt"):
        load_vectors(path, member="g200d.txt")
    vectors = load_vectors(path, member="g100d.txt")
    assert (vectors.d, vectors.name) == (3, "g100d.txt")


def test_a_zip_made_on_a_mac_has_one_file_of_vectors(tmp_path):
    path = zip_of(tmp_path / "g.zip", g__DOT__txt="a 1 2\n", __MACOSX_g__DOT__txt="\0\0")
    assert load_vectors(path).d == 2


def test_memory_holds_the_vocabularys_rows_and_not_the_file(glove):
    vectors = load_vectors(glove(*(f"word{number} " + "0.5 " * 200 for number in range(4000))))
    assert vectors.store.path.stat().st_size > 3_000_000
    few = vocabulary("word7", "word3999")
    tracemalloc.start()
    try:
        vectors.matrix_for(few)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_500_000  # a block of the file takes 1 MiB of it


def test_importing_the_module_costs_neither_arro3_nor_trax_nor_a_fetch():
    code = "import sys, sentiment.vectors; print([name for name in ('arro3', 'jax', 'trax') if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (answer.stdout, answer.stderr) == ("[]\n", "")
