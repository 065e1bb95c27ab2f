"""Files of any size -> predictions: streamed, on all cores, in order, and resumable."""

import collections
import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sentiment.bulk.journal import Journal
from sentiment.bulk.results import KINDS, BatchPredictor, OutputForm
from sentiment.bulk.source import columns_of, fingerprint, is_small, refuse_overwriting
from sentiment.corpora.readers import Flaw, Position, Reader, RowBatch
from sentiment.errors import InputError
from sentiment.execution.compute import Compute
from sentiment.execution.worker_processes import available_cores, map_batches
from sentiment.prediction.decisions import calibration_of
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory


@dataclass(frozen=True)
class Done:
    """What a bulk prediction gave: how many rows, how many of them have no prediction, and where these are listed."""

    rows: int
    n_bad: int
    bad: Path


@dataclass(frozen=True)
class BulkOptions:
    """How a source is predicted.

    Attributes:
        int8: takes the model with weights of 8 bits.
        precision: abstains where answers weren't so often right on the validation split (`Predictor.load`).
        processes: how many predict; None: as many as there are cores.
        probabilities, no_formulas: as for `OutputForm`.
        bad_rows: "report": rows without a prediction are listed; "skip": left out; "stop": the first stops everything.
    """

    int8: bool = False
    precision: float | None = None
    processes: int | None = None
    probabilities: bool = False
    no_formulas: bool = False
    bad_rows: str = "report"


def predict_file(
    run: Path,
    reader: Reader,
    output: Path,
    options: BulkOptions = BulkOptions(),
    progress: Callable[[Position, int | None], None] = lambda position, size: None,
    compute: Compute | None = None,
) -> Done:
    """Predicts every row of a source and writes the predictions in the same order, beside the source's columns.

    Each row has a prediction in `output` or an entry in OUTPUT.bad.jsonl, which says what is wrong with it. Killed
    and called again with the same arguments it goes on where it was, and ends with the same bytes (standard input must
    be fed again from its beginning). Memory doesn't grow with the file.

    Args:
        output: a .csv, .tsv or .jsonl file; an earlier one is replaced when all is done.
        progress: is called with the position and the offset at the end, if known.
        compute: where batches are predicted, such as `scale.batches.map_batches`; None: in processes of this machine.

    Raises:
        InputError: the run or the kind of output can't be used; the output is the input, is being written by another
            prediction, or an unfinished prediction of something else lies beside it; a worker process died.
        OSError: the output can't be written.
    """
    form, expected, names = _form(output, reader, RunDirectory(run), options)
    size = reader.first.format.size if len(reader.layout.parts) == 1 else None
    processes = 1 if is_small(reader) else options.processes or available_cores()
    compute = compute or functools.partial(map_batches, processes=processes)
    predict = BatchPredictor(functools.partial(Predictor.load, run.resolve(), options.int8, options.precision), form)
    unfinished = Journal(output, [fingerprint(reader), expected, repr(form)])
    refuse_overwriting(reader, output, unfinished.bad)
    with unfinished as journal:
        if journal.begins:
            journal.add(form.header(names), b"", 0, Position())
        waiting: collections.deque[RowBatch] = collections.deque()
        batches = _noted(reader.batches(journal.position), waiting)
        with contextlib.closing(compute(predict, batches)) as found:
            for results in found:
                batch = waiting.popleft()
                if results[2] and options.bad_rows == "stop":
                    raise InputError(_first_flaw(batch))
                journal.add(*results, batch.end)
                progress(batch.end, size)
        journal.finish(listed=options.bad_rows != "skip")
        return Done(journal.position.row, journal.n_bad, journal.bad)


def _form(
    output: Path, reader: Reader, run: RunDirectory, options: BulkOptions
) -> tuple[OutputForm, list[object], tuple[str, ...]]:
    """Returns the output's form, and what `_checked` says of the run first."""
    kind = output.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"{output}: unknown kind of file: give a {', '.join(KINDS)} file")
    expected, names, several = _checked(run, options)
    form = OutputForm(kind, columns_of(reader), options.probabilities, options.no_formulas, several)
    return form, expected, names


def _checked(run: RunDirectory, options: BulkOptions) -> tuple[list[object], tuple[str, ...], bool]:
    """Returns what changes when other answers are to be expected of a run, its classes, and whether a text has several.

    A flaw of the run is found here: a process that can't load it could only break.
    """
    facts = run.facts()
    names = facts["label_names"]
    calibration_of(run).least(options.precision, names)
    files = run.read_by_prediction(options.int8)
    for file in files:
        run.read(file)
    expected: list[object] = [options.precision, *(run.sha256[file.name] for file in files)]
    return expected, tuple(names), facts["task"] == "multilabel"


def _first_flaw(batch: RowBatch) -> str:
    place, flaw = next((place, text) for place, text in enumerate(batch.texts()) if isinstance(text, Flaw))
    told = f"{batch.files[place]}: line {batch.lines[place]:,}: {flaw.error}"
    return f"{told}: mend it, or go on without such rows with --bad-rows report"


def _noted(batches: Iterable[RowBatch], waiting: collections.deque[RowBatch]) -> Iterator[RowBatch]:
    """Yields the batches, and lets those whose results are still to come wait."""
    for batch in batches:
        waiting.append(batch)
        yield batch
