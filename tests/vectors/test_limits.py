"""Vectors from strangers: what reading them may cost, and what is said while it lasts."""

import gzip

import pytest
from small_vectors import refused, vocabulary, zip_of

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors import limits, load_vectors

MANY = "".join(f"word{n} {n} 1\n" for n in range(1000))


@pytest.fixture(autouse=True)
def _checked_often(monkeypatch):
    monkeypatch.setattr("sentiment.vectors.text_files.CHECKED_EVERY", 10)


@pytest.fixture(params=["vec", "gz", "zip"])
def many(request, tmp_path):
    """A file of a thousand vectors, plain or packed."""
    path = tmp_path / f"many.{request.param}"
    if request.param == "zip":
        return zip_of(path, many__DOT__vec=MANY)
    path.write_bytes(gzip.compress(MANY.encode()) if request.param == "gz" else MANY.encode())
    return path


def test_more_lines_than_any_public_file_has_are_refused(many, monkeypatch):
    monkeypatch.setattr(limits, "MOST_LINES", 500)
    vectors = load_vectors(many)
    with refused("many.", "it has more than 500 lines: keep the first", "head -n"):
        vectors.matrix_for(vocabulary("word3"))
    with refused("it has more than 500 lines"):
        vectors.vocabulary()
    with refused("it has more than 500 lines"):
        vectors.rarity_of(vocabulary("word3"), 1e-3)


@pytest.mark.parametrize("many", ["vec", "zip"], indirect=True)
def test_far_more_lines_are_foreseen(many, monkeypatch, capsys):
    monkeypatch.setattr(limits, "MOST_LINES", 500)
    monkeypatch.setattr(limits, "FORESEEN_AFTER", 20)
    monkeypatch.setattr(limits, "TOLD_EVERY", 0.0)
    with refused("it has far more than 500 lines"):
        load_vectors(many).vocabulary()
    assert capsys.readouterr().err.splitlines()[-1].endswith(": 10 lines read")


def test_blank_lines_count_too(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_LINES", 500)
    (tmp_path / "blank.vec").write_text("a 1 2\n" + "\n" * 1000)
    with refused("it has more than 500 lines"):
        load_vectors(tmp_path / "blank.vec").vocabulary()


def test_a_header_that_says_too_many_is_refused_at_once(tmp_path):
    (tmp_path / "many.vec").write_text("20000000 2\nword 1 2\n")
    with refused("many.vec: its header (line 1) says more than 10,000,000 lines"):
        load_vectors(tmp_path / "many.vec")


def test_vectors_of_too_many_values_are_refused(tmp_path):
    (tmp_path / "long.vec").write_text("word" + " 1" * 5000 + "\n")
    with refused("long.vec: its vectors have 5,000 values, more than 4,096"):
        load_vectors(tmp_path / "long.vec")


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_file_that_unpacks_without_end_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(limits, "LEAST_SUSPECTED", 10_000)
    text = "word 1 2\n" * 20_000
    path = tmp_path / f"dense.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        zip_of(path, dense__DOT__vec=text)
    with refused(f"dense.{kind}", "bytes unpacked from", "unpack it yourself"):
        load_vectors(path).vocabulary()


def test_a_long_reading_says_how_far_it_is(many, monkeypatch, capsys):
    monkeypatch.setattr(limits, "TOLD_EVERY", 0.0)
    load_vectors(many).vocabulary()
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].endswith(": 1,000 lines read")
    assert len(lines) > 10


def test_a_short_reading_says_nothing(many, capsys):
    load_vectors(many).vocabulary()
    assert capsys.readouterr().err == ""


def test_no_more_is_read_than_a_vocabulary_takes(tmp_path):
    words = ["a", "a", "b", Vocabulary.SPECIAL[1], "c", "d", "e", "f"]
    (tmp_path / "flawed.vec").write_text("".join(f"{word} 1\n" for word in words) + "flawed\n")
    vectors = load_vectors(tmp_path / "flawed.vec")
    assert vectors.vocabulary(max_size=6).tokens[3:] == ("a", "b", "c")
    with refused("line 9"):
        vectors.vocabulary()
