"""Files at random: each is read or refused in one line, and every row has a prediction or stands in the list."""

import functools
import os
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bulk_files import bulk
from file_mutations import random_file, valid_files

from sentiment.corpora import load_corpus
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.readers import Reader, read_table
from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor


def table(run: Path, path: Path) -> None:
    """Reads a file as `corpus` does."""
    with Reader(path) as reader:
        n_rows = sum(1 for _ in reader.rows())
    found = read_table(path)
    assert len(found.texts) + len(found.left_out) == n_rows


def corpus(run: Path, path: Path) -> None:
    """Reads a file as `train` does."""
    load_corpus(str(path), options=CorpusOptions(bad_rows="skip"))


def prediction(run: Path, path: Path) -> None:
    """Predicts a file."""
    output = path.with_name("out.jsonl")
    done = bulk(run, path, output)
    n_bad = done.bad.read_bytes().count(b"\n") if done.bad.exists() else 0
    assert n_bad == done.n_bad
    assert output.read_bytes().count(b"\n") + n_bad == done.rows


def refused(use: Callable[[Path, Path], None], run: Path, path: Path) -> str:
    """Returns the one line with which a use refuses a file; nothing if it doesn't."""
    try:
        use(run, path)
    except InputError as error:
        line = str(error)
    else:
        return ""
    assert line
    assert "\n" not in line
    return line


def use_many(run: Path, folder: Path, monkeypatch, count: int, seed: int) -> Counter:
    """Gives random files to all three; returns how many each has read or refused."""
    monkeypatch.setattr(Predictor, "load", functools.cache(Predictor.load))  # one for all files
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    generator, valid, ends = random.Random(seed), valid_files(), Counter()
    for _ in range(count):
        name, data = random_file(generator, valid)
        (folder / name).write_bytes(data)
        for use in (table, corpus, prediction):
            ends[f"{use.__name__} refused" if refused(use, run, folder / name) else use.__name__] += 1
        for path in folder.iterdir():
            path.unlink()
    return ends


def test_300_files_at_random(run, tmp_path, monkeypatch):
    ends = use_many(run, tmp_path, monkeypatch, 300, 300)
    assert min(ends["table"], ends["corpus"], ends["prediction"]) > 30


@pytest.mark.slow
def test_10000_files_at_random(run, tmp_path, monkeypatch, capsys):
    ends = use_many(run, tmp_path, monkeypatch, 10_000, 10_000)
    with capsys.disabled():
        print(f"\n  {dict(ends)}")  # noqa: T201
