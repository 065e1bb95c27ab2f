"""A flaw in a file of vectors is one line that names file, line and remedy."""

import zipfile

import numpy as np
import pytest
from small_vectors import LINES, refused, vocabulary, write_as, zip_of

from sentiment.vectors import load_vectors


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("a 1 2", "line 3: 2 values, but its first line has 3"),
        ("a 1 2 3 4", "line 3: 4 values, but its first line has 3"),
        ("a", "line 3: 0 values, but its first line has 3"),
        ("good 1 x 3", "line 3: value 2, 'x', is no finite float32"),
        ("good 1 nan 3", "line 3: value 2, 'nan', is no finite float32"),
        ("unused 1 nan 3", "line 3: value 2, 'nan', is no finite float32"),
        ("good 1 2 -inf", "line 3: value 3, '-inf', is no finite float32"),
        ("good 1e39 2 3", "line 3: value 1, '1e39', is no finite float32"),
        ("good 1e999 2 3", "line 3: value 1, '1e999', is no finite float32"),
        ("good 1 2. 1.2.3", "line 3: value 3, '1.2.3', is no finite float32"),
        ("good 1_0 2 3", "line 3: value 1, '1_0', is no finite float32"),
        ("good 1  3", "line 3: value 2, '', is no finite float32"),
        ("good  1 2 3", "line 3: two spaces in a row"),
        (" 1 2 3", "line 3: no word before the values"),
        ("good\t1\t2\t3", "line 3: 0 values, but"),
        (b"caf\xe9 1 2 3", "line 3: the word is not UTF-8"),
        (b"good 1 \xff 3", r"line 3: value 2, '\\xff', is no finite float32"),
        ("good " + "1" * 2_000_000, "line 3 is longer than 1,048,576 bytes"),
    ],
)
def test_a_flawed_line_is_named_with_file_line_and_remedy(glove, line, what):
    path = glove(*LINES[:2], line)
    vectors = load_vectors(path)
    with refused(f"{path}: {what}", "download or copy it anew, or repair the line"):
        vectors.matrix_for(vocabulary("the", "good"))


def test_a_word_without_its_only_value_is_refused(glove):
    with refused("line 2: 0 values, but its first line has 1"):
        load_vectors(glove("a 1", "b")).matrix_for(vocabulary("a"))


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([], "the file is empty"),
        (["", " "], "the file is empty"),
        (["word"], "line 1: no values, only 'word'"),
        (["0 3"], "line 1: no values, only '0 3'"),
        (["5 0"], "line 1: no values, only '5 0'"),
        (["2 3"], "its header (line 1) says 2 words, but 0 follow"),
        (["2 99999999999", "a 1 2"], "line 2: 2 values, but its header says 99999999999"),
        (["1 2", "a 1 2 3"], "line 2: 3 values, but its header says 2"),
        (["hello this is prose"], "line 1: value 1, 'this', is no finite float32"),
        ([b"\x00\x01\xff\xfe\x93"], "line 1: no values"),
    ],
)
def test_a_file_flawed_from_its_start_is_refused_when_it_is_opened(glove, lines, what):
    path = glove(*lines)
    with refused(f"{path}: {what}", "download or copy it anew"):
        load_vectors(path)


@pytest.mark.parametrize("stated", [1, 3])
def test_a_header_that_counts_other_words_than_there_are_is_refused(glove, stated):
    vectors = load_vectors(glove(f"{stated} 2", "a 1 2", "b 3 4", name="x.vec"))
    with refused(f"x.vec: its header (line 1) says {stated} words, but 2 follow", "correct the header"):
        vectors.matrix_for(vocabulary("a"))
    with refused("but 2 follow"):
        vectors.vocabulary()


def test_a_truncated_gz_or_zip_is_refused(tmp_path):
    generator = np.random.default_rng(0)
    words = [f"w{number}" for number in range(2000)]
    matrix = generator.normal(size=(2000, 10)).astype(np.float32)
    for form in ("gz", "zip"):
        path = write_as(tmp_path, form, words, matrix)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with refused(str(path), "broken or cut short", "download or copy it anew"):
            load_vectors(path).matrix_for(vocabulary("w1999"))


@pytest.mark.parametrize("form", ["gz", "zip"])
@pytest.mark.parametrize("damage", ["one byte at the end", "all from the middle"])
def test_bytes_changed_inside_an_archive_are_noticed(tmp_path, form, damage):
    matrix = np.random.default_rng(0).normal(size=(500, 10)).astype(np.float32)
    path = write_as(tmp_path, form, [f"w{number}" for number in range(500)], matrix)
    data = bytearray(path.read_bytes())
    end = data.rfind(b"PK\x01\x02") if form == "zip" else len(data)  # a .gz ends with its checksum and its length
    places = [end - 7] if damage == "one byte at the end" else range(end // 2, end)
    for place in places:
        data[place] ^= 0x55
    path.write_bytes(data)
    with refused(str(path)):
        load_vectors(path).matrix_for(vocabulary("w1"))


def test_archives_that_are_none_or_hold_no_text_are_refused(tmp_path):
    for name in ("plain.gz", "plain.zip"):
        (tmp_path / name).write_text("a 1 2\n")
        with refused(name, "broken or cut short"):
            load_vectors(tmp_path / name)
    (tmp_path / "empty.gz").write_bytes(b"")
    with refused("empty.gz: the file is empty"):
        load_vectors(tmp_path / "empty.gz")
    with refused("holds no .txt or .vec file"):
        load_vectors(zip_of(tmp_path / "other.zip", readme__DOT__md="hello"))
    with zipfile.ZipFile(tmp_path / "bz2.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("g.txt", "a 1 2\n")
    with refused("bz2.zip, g.txt: encrypted, or compressed in an unusual way", "unpack it"):
        load_vectors(tmp_path / "bz2.zip")


def test_names_and_paths_that_lead_nowhere_are_refused(glove, tmp_path):
    with refused("unknown word vectors 'glove.6b.50d'; did you mean glove.6B.50d?", "or the path of a"):
        load_vectors("glove.6b.50d")
    with refused("unknown word vectors 'nonsense'; known: glove.6B.50d"):
        load_vectors("nonsense")
    with refused("missing.txt: no such file"):
        load_vectors(tmp_path / "missing.txt")
    with refused("a folder: name a file in it"):
        load_vectors(tmp_path)
    with refused("x.bin: unknown kind of file", ".txt, .vec, .gz, .zip"):
        load_vectors(glove(*LINES, name="x.bin"))
    with refused("tiny.txt: no .zip file, so it has no member 'a.txt'"):
        load_vectors(glove(*LINES), member="a.txt")
    with refused("glove.6B.50d: no .zip file, so it has no member 'a.txt'"):
        load_vectors("glove.6B.50d", member="a.txt")


def test_vectors_of_another_width_than_the_models_are_refused_before_they_are_read(glove):
    path = glove(*LINES, "broken")
    assert load_vectors(path, d=3).d == 3
    with refused(f"{path}: its vectors have 3 values, the model's embedding has 50", "width to 3"):
        load_vectors(path, d=50)
