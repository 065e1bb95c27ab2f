"""What tests share: a repeatable hypothesis profile, scripts called in this process, a small corpus."""

import hashlib
import io
import os
import runpy
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from paths import FIXTURES, ROOT

# What `make test ARGS='-n 2'` hands on to its children would also be read by the `make` that tests run.
for _name in ("ARGS", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"):
    os.environ.pop(_name, None)

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(3600))


class Answer(NamedTuple):
    """What a script did: its exit code and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_obeyed():
    """A shell starts what it puts in the background (`make test &`) with SIGINT ignored; children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def pin(tmp_path, monkeypatch):
    """Makes a module's DISTRIBUTION what a function writes to a path in a cache of the test's own: returns the path."""
    from sentiment.download.fetch import Distribution

    def write_and_pin(module, filename: str, write: Callable[[Path], object]) -> Path:
        path = tmp_path / "distributions" / filename
        path.parent.mkdir()
        write(path)
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        monkeypatch.setattr(module, "DISTRIBUTION", Distribution("small", "1", filename, sha256, len(content), "none"))
        monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path))
        return path

    return write_and_pin


@pytest.fixture(scope="module")
def compiled_once(tmp_path_factory):
    """Every loop compiles the same few functions anew, for a second each: here the first leaves them to the others."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    settings = {
        "jax_compilation_cache_dir": str(tmp_path_factory.mktemp("compiled")),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }

    def use(settings):
        for name, value in settings.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()

    before = {name: getattr(jax.config, name) for name in settings}
    use(settings)
    yield
    use(before)


@pytest.fixture
def script(monkeypatch, capsys):
    """Calls a script as a shell would, but in this process: `script("train", "--steps", 3)` -> Answer.

    Unless a test names a config, `train` takes the mean's, which is quick and needs no vectors.
    """
    from sentiment.commands.cli import run

    def call(name: str, *args: object, stdin: bytes = b"") -> Answer:
        if name == "train" and "--config" not in args:
            args = ("--config", "mean", *args)
        main = runpy.run_path(str(ROOT / "scripts" / f"{name}.py"))["main"]
        monkeypatch.setattr(sys, "argv", [name, *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            run(main)
        return Answer(end.value.code or 0, *capsys.readouterr())

    return call


@pytest.fixture
def moods() -> list[str]:
    """Flags that name the small corpus of tests/fixtures: three unbalanced classes, quotes, newlines, emoji."""
    return ["--corpus", str(FIXTURES / "moods.csv"), "--label", "mood"]


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """An empty current folder, so that runs/ starts empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def small_run(tmp_path_factory) -> Path:
    """A run of configs/mean.gin on the small corpus, trained once for all tests that only read it."""
    from sentiment import train

    source = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    small = ["mean_classifier.d_embedding = 16", "Recipe.steps = 60"]
    return train(ROOT / "configs" / "mean.gin", [*source, *small], tmp_path_factory.mktemp("runs") / "small").path


@pytest.fixture(scope="session")
def multilabel_settings(tmp_path_factory) -> list[str]:
    """Settings that train on made texts with several labels, in the folder `emotions`."""
    from benchmarks.made_emotions import write_goemotions

    folder = write_goemotions(tmp_path_factory.mktemp("several") / "emotions", 1200, 300)
    source = [f"load_corpus.source = '{folder}'", "load_corpus.text_column = '1'", "load_corpus.label_column = '2'"]
    small = ["mean_classifier.d_embedding = 32", "Recipe.batch_size = 64", "Recipe.steps = 150"]
    return [*source, *small, "trax.optimizers.Adam.learning_rate = 0.02"]


@pytest.fixture(scope="session")
def multilabel_run(multilabel_settings) -> Path:
    """A run of configs/mean.gin on texts with several labels, trained once for all tests that only read it."""
    from sentiment import train

    source = Path(multilabel_settings[0].split("'")[1])
    return train(ROOT / "configs" / "mean.gin", multilabel_settings, source.parent / "run").path
