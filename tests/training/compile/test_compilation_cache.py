"""Programs are kept from one run to the next, in a folder of this processor's own."""

import jax
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache

from sentiment.training.compile import compilation_cache as ours

SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    compilation_cache.reset_cache()
    yield ours.keep_compiled_programs()
    for name, value in before.items():
        jax.config.update(name, value)
    compilation_cache.reset_cache()


def _program():
    return jax.jit(lambda x: np.float32(3.25) * x + np.float32(0.5))


def _compiled(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.endswith("-cache")}


def test_a_program_is_kept_and_found_again_with_its_bits(folder, tmp_path):
    assert folder.is_relative_to(tmp_path / "compiled")
    first = _program()(np.arange(5, dtype=np.float32))
    kept = _compiled(folder)
    assert kept
    again = _program()(np.arange(5, dtype=np.float32))
    assert _compiled(folder) == kept, "nothing new was compiled"
    np.testing.assert_array_equal(first, again)


def test_what_is_damaged_is_compiled_anew(folder):
    first = _program()(np.arange(5, dtype=np.float32))
    for name in _compiled(folder):
        (folder / name).write_bytes(b"damaged")
    with pytest.warns(UserWarning, match="persistent compilation cache"):
        again = _program()(np.arange(5, dtype=np.float32))
    np.testing.assert_array_equal(first, again)


def test_another_processor_has_another_folder(folder, monkeypatch):
    monkeypatch.setattr(ours, "processor_kind", lambda: "another")
    assert ours.keep_compiled_programs() == folder.with_name("another") != folder


def test_a_folder_that_cannot_be_written_is_one_line_and_training_goes_on(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "file"))
    ours.keep_compiled_programs()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "Not a directory: compiled programs are not kept" in lines[0]
    compilation_cache.reset_cache()
    assert _program()(np.float32(2)) == 7
