"""Files of any size -> predictions: streamed, on all cores, in order, and resumable."""

import collections
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sentiment.bulk.journal import Journal
from sentiment.bulk.processes import Submit, available_cores, predicting
from sentiment.bulk.results import KINDS, header
from sentiment.bulk.rows import Position
from sentiment.bulk.sources import BLOCK_BYTES, Block, Source
from sentiment.errors import InputError
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory

WAITING = 3  # blocks for each process that are read ahead


@dataclass(frozen=True)
class Done:
    """What a bulk prediction gave."""

    rows: int
    n_bad: int
    bad: Path


def predict_file(
    run: Path,
    source: Source,
    output: Path,
    int8: bool = False,
    precision: float | None = None,
    processes: int | None = None,
    told: Callable[[Position, int | None], None] = lambda position, size: None,
) -> Done:
    """Predicts every row of a file and writes the predictions in the same order.

    Each row has a prediction in `output` or an entry in OUTPUT.bad.jsonl, which says what is wrong with it. Killed
    and called again with the same arguments it goes on where it was, and ends with the same bytes. Memory doesn't grow
    with the file. Standard input must be fed again from its beginning to go on.

    Args:
        run: a run directory.
        source: of the texts.
        output: a .csv, .tsv or .jsonl file; an earlier one is replaced when all is done.
        int8: takes the model with weights of 8 bits.
        precision: abstains where answers weren't so often right on the validation split (`Predictor.load`).
        processes: how many predict; None: as many as there are cores.
        told: is called now and then with the position and the offset at the end, if known.

    Raises:
        InputError: the run, the source or the kind of output can't be used, or an unfinished prediction of something
            else lies beside the output.
        OSError: the output can't be written.
    """
    kind = output.suffix.lower()
    if kind not in KINDS:
        raise InputError(f"{output}: unknown kind of file: give a {', '.join(KINDS)} file")
    source.check()
    expected = _checked(RunDirectory(run), int8, precision)
    size = source.size
    small = size is not None and source.kind != ".parquet" and size <= BLOCK_BYTES
    processes = 1 if small else processes or available_cores()
    load = functools.partial(Predictor.load, run, int8, precision)
    with Journal(output, [source.fingerprint(), expected, kind]) as journal:
        if journal.begins:
            journal.add(header(kind), b"", 0, Position())
        with predicting(load, kind, processes) as submit:
            for block, results in _in_order(source.blocks(journal.position), submit, processes * WAITING):
                journal.add(*results, block.end)
                told(block.end, size)
        journal.finish()
        return Done(journal.position.row, journal.n_bad, journal.bad)


def _checked(run: RunDirectory, int8: bool, precision: float | None) -> list:
    """Returns what changes when other answers are to be expected of a run.

    A flaw of the run is told here: a process that can't load it could only break.
    """
    Calibration.of(run).least(precision, run.facts()["label_names"])
    files = run.model, run.vocabulary, run.onnx_int8 if int8 else run.onnx
    for file in files:
        run.read(file)
    return [precision, *(run.sha256.get(file.name) for file in (*files, run.calibration))]


def _in_order(blocks: Iterator[Block], submit: Submit, most: int) -> Iterator[tuple[Block, tuple[bytes, bytes, int]]]:
    waiting: collections.deque = collections.deque()
    for block in blocks:
        waiting.append((block, submit(block)))
        if len(waiting) > most:
            first, future = waiting.popleft()
            yield first, future.result()
    for block, future in waiting:
        yield block, future.result()
