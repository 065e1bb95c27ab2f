"""The folder of numbered runs: the newest, one by its variant's name, and a new one for a training."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sentiment.errors import InputError
from sentiment.storage.files import InUseError, locked
from sentiment.storage.manifest import read_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.schemas import does_task

RUNS = Path("runs")


def latest_run(root: Path = RUNS, task: str = "classify") -> RunDirectory:
    """Returns the finished run with the highest number, among those of a task. Raises InputError if there is none."""
    for run in reversed(_numbered(root)):  # an older one, damaged or not, is not even read
        if run.finished and does_task(read_json(run.model).get("task"), task):
            return run
    config = "" if task == "classify" else " CONFIG=configs/language_model.gin"
    raise InputError(f"{root}: no trained run here; `make train{config}` makes one, --run names one elsewhere")


def find_run(named: str, root: Path = RUNS) -> RunDirectory:
    """Returns the run in a folder, or the newest finished one of a variant. Raises InputError if there is none."""
    if Path(named).is_dir():
        return RunDirectory(Path(named))
    finished = [run for run in _numbered(root) if run.finished and run.path.name[5:].startswith(f"{named}-")]
    if not finished:
        raise InputError(f"{root}: no trained run of {named!r}; `make train CONFIG=configs/{named}.gin` makes one")
    return finished[-1]


@contextlib.contextmanager
def claimed_run(
    name: str, config: str, model: dict[str, Any], vocabulary: bytes, root: Path = RUNS
) -> Iterator[tuple[RunDirectory, bool]]:
    """Yields (run, whether it is resumed): no other training gets the run as long as the block runs.

    It is the last run if that has this name, these settings and data, did not come to its end and isn't in use; else
    a new one with the next number, such as runs/0007-mean-vader.
    """
    with contextlib.ExitStack() as held:
        root.mkdir(parents=True, exist_ok=True)
        with locked(root / ".lock"):  # numbers are given out one at a time
            run, resumed = _claim(held, name, (config, model, vocabulary), root)
        yield run, resumed


def _claim(
    held: contextlib.ExitStack, name: str, contents: tuple[str, dict[str, Any], bytes], root: Path
) -> tuple[RunDirectory, bool]:
    runs = _numbered(root)
    if runs and runs[-1].path.name[5:] == name and runs[-1].resumable(*contents):
        with contextlib.suppress(InUseError):  # a new one then
            return runs[-1], held.enter_context(runs[-1].claimed(*contents))
    run = RunDirectory(next_folder(root, name))
    return run, held.enter_context(run.claimed(*contents))


def next_folder(root: Path, name: str) -> Path:
    """Returns the folder with the next number, as runs/0007-mean-vader; it isn't made. Hold the lock of `root`."""
    last = max((int(folder.name[:4]) for folder in numbered_folders(root)), default=0)
    return root / f"{last + 1:04d}-{name}"


def numbered_folders(root: Path) -> list[Path]:
    """Returns the folders of runs, searches and cross-validations, in the order of their numbers."""
    paths = sorted(root.iterdir()) if root.is_dir() else []
    return [path for path in paths if re.match(r"\d{4}-", path.name)]


def _numbered(root: Path) -> list[RunDirectory]:
    return list(map(RunDirectory, numbered_folders(root)))
