"""Tensors come back bit for bit, or not at all."""

import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from file_mutations import flipped_bits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from poison import Poison

from sentiment.errors import InputError
from sentiment.storage.tensors import load_tensors, save_tensors
from sentiment.training.named_leaves import named_leaves, with_leaves

DTYPES = (
    "bool",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
)
FACTS = {"step": 10, "history": {"eval": {"loss": [[1, 0.1], [10, float("inf")]]}}, "name": "naïve 😀"}


def _sample() -> dict[str, np.ndarray]:
    return {
        "weights/0": np.arange(6, dtype=np.float32).reshape(2, 3),
        "weights/1/0": np.array(1.5, np.float32),
        "slots/0": np.zeros((0, 3), np.float32),
        "rng": np.array([0, 271], np.uint32),
    }


def _same(one, other) -> bool:
    return set(one) == set(other) and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one
    )


def _told(path) -> str:
    with pytest.raises(InputError) as raised:
        load_tensors(path)
    told = str(raised.value)
    assert told.startswith(f"{path}: ")
    assert "\n" not in told
    return told


tensors = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8).filter(
        lambda name: name != "__metadata__"
    ),
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    ),
    max_size=4,
)
facts = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


@given(tensors, facts)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tensors_and_facts_come_back_bit_for_bit(tmp_path, tensors, facts):
    path = tmp_path / "file.safetensors"
    save_tensors(path, tensors, facts)
    loaded, told = load_tensors(path)
    assert _same(loaded, tensors)
    assert told == facts


def test_scalars_nothing_and_not_a_numbers_keep_their_shape_and_bits(tmp_path):
    path = tmp_path / "file.safetensors"
    sample = _sample() | {"nan": np.array([np.nan, -0.0, np.inf], np.float32)}
    save_tensors(path, sample, FACTS)
    loaded, told = load_tensors(path)
    assert loaded["weights/1/0"].shape == ()
    assert loaded["slots/0"].shape == (0, 3)
    assert _same(loaded, sample)
    assert told == FACTS


def test_a_tensor_in_another_memory_order_comes_back_with_its_values(tmp_path):
    path = tmp_path / "file.safetensors"
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    save_tensors(path, {"turned": matrix.T, "every_other": matrix[:, ::2]}, {})
    loaded, _ = load_tensors(path)
    np.testing.assert_array_equal(loaded["turned"], matrix.T)
    np.testing.assert_array_equal(loaded["every_other"], matrix[:, ::2])


def test_the_same_tensors_make_the_same_file(tmp_path):
    for number in range(8):
        save_tensors(tmp_path / str(number), _sample(), FACTS)
    assert len({file.read_bytes() for file in tmp_path.iterdir()}) == 1


def test_any_program_that_knows_safetensors_can_read_the_file(tmp_path):
    save_tensors(tmp_path / "file.safetensors", _sample(), FACTS)
    assert _same(safetensors.numpy.load_file(tmp_path / "file.safetensors"), _sample())


def test_a_file_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "file.safetensors"
    save_tensors(path, _sample(), FACTS)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert "cut short or not written by this program" in _told(path)


def test_one_flipped_bit_anywhere_is_noticed(tmp_path):
    path = tmp_path / "file.safetensors"
    save_tensors(path, _sample(), FACTS)
    whole = path.read_bytes()
    for altered in flipped_bits(whole):
        path.write_bytes(altered)
        try:
            loaded, told = load_tensors(path)
        except InputError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017 - most flips are refused, not all need be
            continue
        # A blank of the header may have become another blank: then nothing has changed.
        assert _same(loaded, _sample())
        assert told == FACTS


def test_an_altered_weight_and_an_altered_fact_are_told_as_such(tmp_path):
    path = tmp_path / "file.safetensors"
    save_tensors(path, {"weights": np.full(3, 1.0, np.float32)}, {"step": 10})
    whole = path.read_bytes()
    for old, new in ((np.float32(1.0).tobytes(), np.float32(1.5).tobytes()), (b": 10", b": 11")):
        assert old in whole
        path.write_bytes(whole.replace(old, new, 1))
        assert "altered since it was written" in _told(path)


@pytest.mark.parametrize("junk", [b"", b"\0" * 8, b"x", b"word " * 100, b"\xff" * 1000, b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_safetensors_file_is_refused(tmp_path, junk):
    (tmp_path / "file.safetensors").write_bytes(junk)
    assert "not written by this program" in _told(tmp_path / "file.safetensors")


@pytest.mark.parametrize(
    "metadata", [None, {"facts": "{}"}, {"sentiment": "{"}, {"sentiment": "[]"}, {"sentiment": "{}"}]
)
def test_another_programs_safetensors_file_is_refused(tmp_path, metadata):
    (tmp_path / "file.safetensors").write_bytes(safetensors.numpy.save(_sample(), metadata=metadata))
    assert "not written by this program" in _told(tmp_path / "file.safetensors")


def test_a_digest_that_is_none_is_refused(tmp_path):
    metadata = {"sentiment": json.dumps({"facts": {}, "sha256": None})}
    (tmp_path / "file.safetensors").write_bytes(safetensors.numpy.save(_sample(), metadata=metadata))
    assert "altered" in _told(tmp_path / "file.safetensors")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_by_the_name_of_a_safetensors_file_is_refused_and_not_run(tmp_path, protocol):
    mark = tmp_path / "mark"
    path = tmp_path / "file.safetensors"
    path.write_bytes(pickle.dumps(Poison(mark), protocol))
    _told(path)
    assert not mark.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 - shows that the poison works
    assert mark.exists()


def test_tensors_that_would_need_a_pickle_are_not_written(tmp_path):
    with pytest.raises(safetensors.SafetensorError, match="dtype"):
        save_tensors(tmp_path / "file.safetensors", {"objects": np.array([object()])}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    assert "no such file" in _told(tmp_path / "file.safetensors")
    assert "a folder" in _told(tmp_path)


def test_the_leaves_of_a_nest_have_names_and_go_back_to_their_places():
    tree = {"weights": (np.ones(2), ((), np.zeros((2, 3)))), "slots": [None, {"m": np.array(3.0)}]}
    named = dict(named_leaves(tree))
    assert sorted(named) == ["slots/1/m", "weights/0", "weights/1/1"]
    back = with_leaves(tree, {name: leaf + 1 for name, leaf in named.items()})
    assert back["weights"][1][0] == ()
    assert back["slots"][0] is None
    np.testing.assert_array_equal(back["weights"][0], [2, 2])
    np.testing.assert_array_equal(back["slots"][1]["m"], 4.0)


@pytest.mark.parametrize(
    "other",
    [
        {"a": np.ones(2)},
        {"a": np.ones(2), "b": np.ones(3), "c": np.ones(1)},
        {"a": np.ones(2), "c": np.ones(3)},
        {"a": np.ones(2), "b": np.ones(4)},
        {"a": np.ones((2, 1)), "b": np.ones(3)},
        {},
    ],
)
def test_leaves_of_other_names_or_shapes_are_not_put_into_a_nest(other):
    assert with_leaves({"a": np.ones(2), "b": np.ones(3)}, other) is None


def test_more_files_are_mapped_than_a_process_may_open_at_first(tmp_path):
    paths = [tmp_path / f"{number}.safetensors" for number in range(150)]
    for path in paths:
        save_tensors(path, {"a": np.arange(3)}, {})
    program = (
        "import resource, sys\n"
        "_, most = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))\n"
        "from sentiment.storage.tensors import map_tensors\n"
        "kept = [map_tensors(path)[0]['a'] for path in sys.argv[1:]]\n"
        "print(sum(map(sum, kept)))"
    )
    command = [sys.executable, "-c", program, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "450\n", done.stderr
