"""Files of any size -> predictions: streamed, on all cores, in order, and resumable."""

import collections
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sentiment.bulk.journal import Journal
from sentiment.bulk.processes import Submit, available_cores, predicting
from sentiment.bulk.results import KINDS, header
from sentiment.bulk.rows import Position
from sentiment.bulk.sources import BLOCK_BYTES, Block, Source
from sentiment.errors import InputError
from sentiment.run_directory import RunDirectory

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
    digest = _checked_model(RunDirectory(run), int8)
    size = source.size
    small = size is not None and source.kind != ".parquet" and size <= BLOCK_BYTES
    processes = 1 if small else processes or available_cores()
    with Journal(output, [source.fingerprint(), digest, kind]) as journal:
        if journal.begins:
            journal.add(header(kind), b"", 0, Position())
        with predicting(run, int8, kind, processes) as submit:
            for block, results in _in_order(source.blocks(journal.position), submit, processes * WAITING):
                journal.add(*results, block.end)
                told(block.end, size)
        journal.finish()
        return Done(journal.position.row, journal.n_bad, journal.bad)


def _checked_model(run: RunDirectory, int8: bool) -> str:
    """Returns the model's SHA-256. A flaw of the run is told here: a process that can't load it could only break."""
    run.facts()
    model = run.onnx_int8 if int8 else run.onnx
    for file in (run.vocabulary, model):
        run.read(file)
    return run.sha256[model.name]


def _in_order(blocks: Iterator[Block], submit: Submit, most: int) -> Iterator[tuple[Block, tuple[bytes, bytes, int]]]:
    waiting: collections.deque = collections.deque()
    for block in blocks:
        waiting.append((block, submit(block)))
        if len(waiting) > most:
            first, future = waiting.popleft()
            yield first, future.result()
    for block, future in waiting:
        yield block, future.result()
