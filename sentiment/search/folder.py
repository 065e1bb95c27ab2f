"""The folder of a search or a cross-validation: one process works in it, and it is taken up by the same settings."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentiment.config import Config
from sentiment.corpora import Corpus
from sentiment.errors import InputError
from sentiment.storage.files import locked, locked_folder, write_whole
from sentiment.storage.manifest import to_json
from sentiment.storage.runs import RUNS, next_folder, numbered_folders

_SETTINGS = "settings.json"


def settings_of(config: Config, corpus: Corpus, others: dict[str, Any]) -> str:
    """Returns what tells one search from another, as JSON: its config, its data, and what else decides its results."""
    values = {name: sorted(parameters.items()) for name, parameters in config.values.items()}
    bound = repr((sorted(values.items()), sorted(config.macros.items())))
    sha256 = hashlib.sha256(bound.encode("utf-8", "backslashreplace")).hexdigest()
    return to_json({"format": 1, "config": sha256, "corpus": corpus.fingerprint(), **others})


@contextlib.contextmanager
def claimed_folder(directory: str | Path | None, name: str, settings: str) -> Iterator[Path]:
    """Yields the folder, which no other process can claim as long as the block runs.

    Args:
        directory: it; None: the newest one in runs/ with this name and these settings, else one with the next number.
        name: the end of its name, as in runs/0007-search-mean-vader.
        settings: what `settings_of` returned.

    Raises:
        InputError: another process works in it, or it holds something else.
        OSError: it can't be written.
    """
    with contextlib.ExitStack() as held:
        if directory is not None:
            held.enter_context(_claimed(Path(directory), settings))
            yield Path(directory)
            return
        RUNS.mkdir(parents=True, exist_ok=True)
        with locked(RUNS / ".lock"):  # numbers are given out one at a time, to trainings too
            folder = _same(name, settings) or next_folder(RUNS, name)
            held.enter_context(_claimed(folder, settings))
        yield folder


@contextlib.contextmanager
def _claimed(folder: Path, settings: str) -> Iterator[None]:
    file = folder / _SETTINGS
    others = {each.name for each in folder.iterdir() if each.suffix != ".part"} if folder.exists() else set()
    if others - {".lock"} and file.name not in others:
        raise InputError(f"{folder}: not empty and no search; name another folder")
    with locked_folder(folder, "another search is running here; name another folder"):
        if not file.exists():
            write_whole(file, settings)
        if file.read_text("utf-8") != settings:
            raise InputError(f"{folder}: holds a search with other settings or data; name another folder")
        yield


def _same(name: str, settings: str) -> Path | None:
    for folder in reversed(numbered_folders(RUNS)):
        file = folder / _SETTINGS
        if folder.name[5:] == name and file.is_file() and json.loads(file.read_bytes()) == json.loads(settings):
            return folder
    return None
