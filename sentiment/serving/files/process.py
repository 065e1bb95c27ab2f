"""A file's process: `python -m sentiment.serving.files.process` takes a `Job` as a line of JSON and predicts it.

It ends when its standard input does: when the service is gone, nobody waits for it.
"""

import csv
import dataclasses
import errno
import itertools
import json
import os
import resource
import shlex
import shutil
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from sentiment.bulk import BulkOptions, Done, predict_file
from sentiment.bulk.source import columns_of
from sentiment.corpora.bad_rows import by_reason
from sentiment.corpora.readers import LeftOut, Position, Reader, ReadOptions, dialect_line, dialect_of
from sentiment.errors import InputError
from sentiment.serving.files.job import LARGER, MAX_MEMORY, MAX_WRITTEN_ONE, Job, Refusal
from sentiment.storage.run_directory import RunDirectory

SHOWN_ROWS = 10  # of the results
SHOWN_COLUMNS = 12  # of the file's own
SHOWN_CHARACTERS = 200  # of a cell
LISTED = 100  # rows without a prediction
_OURS = ("row", "label", "probability", "abstained")
_READING = frozenset(each.name for each in dataclasses.fields(ReadOptions)) - {"split"}
_PIECE = 1 << 20
_LONGEST_REFUSAL = 4000  # characters: nobody reads the pipe before the process ends


def main() -> None:
    """Predicts the file of the job that comes in, or writes why it can't be to standard output, as JSON."""
    job = Job(**json.loads(sys.stdin.buffer.readline()))
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as service:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no refusal
        threading.Thread(target=_end_with_service, args=[job], daemon=True).start()
        _hold_to_limits()
        try:
            answer(job)
        except Refusal as refusal:  # through a pipe, which takes it where the disk is full too
            refusal.detail = refusal.detail[:_LONGEST_REFUSAL]
            service.write(json.dumps(dataclasses.asdict(refusal)))


def answer(job: Job) -> None:
    """Predicts a file and writes its `FilePrediction`. Raises Refusal."""
    results = job.answer.with_name("results.csv")
    options = BulkOptions(
        precision=job.precision, processes=1, probabilities=job.probabilities, no_formulas=job.no_formulas
    )
    try:
        job.answer.parent.mkdir()
        with Reader(job.source, ReadOptions(**job.reading)) as reader:
            done = predict_file(Path(job.run), reader, results, options, _count_to(job.max_rows))
            found = facts(job, reader, done, results)
            job.labels.write_text(json.dumps(found["labels"]))
            _write(job, results, found)
    except InputError as error:
        message = _as_named_by_client(job, str(error))
        raise Refusal(422, "unreadable-file", message, remedy_in(message)) from error
    except MemoryError as error:
        raise Refusal(
            413, "too-large", f"Reading it takes over {MAX_MEMORY >> 20:,} MiB of memory: {LARGER}"
        ) from error
    except OSError as error:
        if error.errno == errno.EFBIG:
            told = f"What is packed in it, or its results, have over {MAX_WRITTEN_ONE >> 20:,} MiB: {LARGER}"
            raise Refusal(413, "too-large", told) from error
        no_folder = isinstance(error, FileNotFoundError) and "temporary" in str(error)  # as Python finds a full one
        if error.errno in (errno.ENOSPC, errno.EDQUOT) or no_folder:
            raise Refusal(507, "disk-full", "The service's disk is full; try again later") from error
        raise


def facts(job: Job, reader: Reader, done: Done, results: Path) -> dict[str, Any]:
    """Returns what a `FilePrediction` says besides the results themselves.

    Raises InputError where no row has a prediction.
    """
    bad = [] if not done.n_bad else [json.loads(line) for line in done.bad.read_text("utf-8").splitlines()]
    left_out = [LeftOut(each["line"], each["reason"], "", each["error"], each["file"], each["row"]) for each in bad]
    if done.n_bad == done.rows:
        raise InputError(f"{job.source}: none of its {done.rows:,} rows can be predicted: {by_reason(left_out)}")
    between = RunDirectory(Path(job.run)).facts().get("labels_between")
    labels, shown = _look_through(results, _shown_places(reader), between)
    return {
        "read_as": _as_named_by_client(job, dialect_line(reader)),
        "dialect": dialect_of(reader),
        "rows": done.rows,
        "predicted": done.rows - done.n_bad,
        "left_out": dict(Counter(each.reason for each in left_out)),
        "left_out_rows": [_listed(job, each) for each in left_out[:LISTED]],
        "labels": dict(labels.most_common()),
        "columns": shown[0],
        "first_rows": shown[1:],
    }


def remedy_in(message: str) -> dict[str, str]:
    """Returns the flags of the command that a message ends with ("as in: sentiment corpus a.csv --text 2"), by name."""
    _, there, command = message.partition("as in: ")
    try:
        words = shlex.split(command) if there else []
    except ValueError:  # a name with a quote, cut off
        return {}
    pairs = itertools.pairwise(words)
    return {flag[2:]: value for flag, value in pairs if flag[:2] == "--" and flag[2:] in _READING}


def _listed(job: Job, row: LeftOut) -> dict[str, object]:
    file = _as_named_by_client(job, row.file)
    return {"row": row.row, "file": file, "line": row.line, "reason": row.reason, "error": row.error}


def _shown_places(reader: Reader) -> list[int]:
    """Returns the columns of the results that are shown of the file's own: the texts, then the first others."""
    n_columns = len(columns_of(reader))
    texts = reader.first.roles.text if n_columns == len(reader.first.format.columns) else (0,)
    return [*texts, *(place for place in range(n_columns) if place not in texts)][:SHOWN_COLUMNS]


def _look_through(results: Path, places: list[int], between: str | None) -> tuple[Counter[str], list[list[str]]]:
    """Returns how often each label was given, and the header and first rows: our columns, then those at `places`.

    `between` is what stands between several labels of a text; None where it has one.
    """
    csv.field_size_limit(MAX_WRITTEN_ONE)
    with results.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        order = [*(header.index(name) for name in _OURS), *places]
        shown = [[header[place] for place in order]]
        labels: Counter[str] = Counter()
        for row in rows:
            label = row[order[1]]
            labels.update([label] if between is None else filter(None, label.split(between)))
            if len(shown) <= SHOWN_ROWS:
                shown.append([_cut(row[place]) for place in order])
    return labels, shown


def _cut(cell: str) -> str:
    return cell if len(cell) <= SHOWN_CHARACTERS else cell[: SHOWN_CHARACTERS - 1] + "…"


def _write(job: Job, results: Path, found: dict[str, Any]) -> None:
    with results.open(encoding="utf-8", newline="") as source, job.answer.open("w", encoding="utf-8") as file:
        file.write(json.dumps(found, ensure_ascii=False)[:-1] + ', "results": "')
        while piece := source.read(_PIECE):
            file.write(json.dumps(piece, ensure_ascii=False)[1:-1])
        file.write('"}')


def _count_to(most: int) -> Any:
    def count(position: Position, size: int | None) -> None:
        if position.row > most:
            raise Refusal(413, "too-large", f"It has over {most:,} rows: {LARGER}")

    return count


def _as_named_by_client(job: Job, message: str) -> str:
    """Returns a message with the file's name as the client knows it, and no path of ours."""
    return message.replace(f"{job.source.parent}/", "")


def _hold_to_limits() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the service, which first answers what it has accepted
    os.nice(10)  # what is asked in short requests goes first
    for limit, value in (
        (resource.RLIMIT_DATA, MAX_MEMORY),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN_ONE),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def _end_with_service(job: Job) -> None:
    os.read(sys.stdin.fileno(), 1)
    shutil.rmtree(job.folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
