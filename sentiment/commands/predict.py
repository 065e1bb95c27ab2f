"""Predicts the label of sentences."""

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from sentiment.commands.cli import RayFlag, on_cluster
from sentiment.commands.file_flags import READING, FileFlags, with_file_flags
from sentiment.errors import InputError, Interrupted
from sentiment.execution.signals import Signals
from sentiment.storage.runs import latest_run
from sentiment.terminal import harmless

if TYPE_CHECKING:
    from sentiment.bulk import BulkOptions
    from sentiment.corpora.readers import Position, ReadOptions
    from sentiment.execution.compute import Compute
    from sentiment.prediction.answers import Prediction

_GO_ON = "stopped; give the same command again to go on where it was"


@with_file_flags(*READING, "split_column", "bad_rows")
def main(
    sentences: Annotated[
        list[str] | None, Argument(help="Sentences, each quoted; - reads one a line from standard input.")
    ] = None,
    *,
    files: FileFlags,
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest in runs/.")] = None,
    as_json: Annotated[bool, Option("--json", help="One JSON object a line, with all probabilities.")] = False,
    explain: Annotated[bool, Option("--explain", help="Say what each word did for the label.")] = False,
    precision: Annotated[
        float | None, Option(help="Abstain where answers were less often right: 0.8, 0.9, 0.95 or 0.99.")
    ] = None,
    int8: Annotated[bool, Option("--int8", help="Take the model with weights of 8 bits.")] = False,
    source: Annotated[
        str, Option("--input", help="A file of any size, a folder, a pattern or - ; of any kind that train reads.")
    ] = "",
    output: Annotated[Path | None, Option(help="With --input: a .csv, .tsv or .jsonl file.")] = None,
    processes: Annotated[int | None, Option(help="With --input: how many; by default one a core.", min=1)] = None,
    ray: RayFlag = "",
    probabilities: Annotated[
        bool, Option("--probabilities", help="With --input: a column for each class's probability.")
    ] = False,
    no_formulas: Annotated[
        bool, Option("--no-formulas", help="With --input: cells that a spreadsheet would run get an apostrophe.")
    ] = False,
) -> None:
    """Print each sentence's label and probability, or predict a whole file; flags of a file go with --input."""
    _check_use(sentences, source, output, files, {"--json": as_json, "--explain": explain})
    if ray and (processes or output is None):
        raise InputError(
            "--ray: of a file, on all cores of the cluster: give --input FILE --output FILE, no --processes"
        )
    run = run_directory or latest_run().path
    if output is not None:
        means = replace(files.options(), split_column=None)  # labels and splits, where there are any, play no part
        with _workers_ahead(source, 1 if ray else processes), on_cluster(ray) as compute:
            from sentiment.bulk import BulkOptions

            options = BulkOptions(int8, precision, processes, probabilities, no_formulas, means.bad_rows)
            _predict_file(run, source, means.reading(files.text), output, options, compute)
        return
    from sentiment.prediction.predictor import Predictor

    predictor = Predictor.load(run, int8, precision)
    for prediction in predictor(list(_lines()) if sentences == ["-"] else sentences or [], explain):
        _print(prediction, as_json)


def _check_use(
    sentences: list[str] | None, source: str, output: Path | None, files: FileFlags, of_sentences: dict[str, bool]
) -> None:
    if bool(source) != (output is not None) or bool(source) == bool(sentences):
        raise InputError("give sentences, or --input FILE with --output FILE")
    if files.given and not source:
        raise InputError(f"--{next(iter(files.given)).replace('_', '-')}: of a file: give --input FILE --output FILE")
    for flag, given in of_sentences.items():
        if source and given:
            remedy = "name an --output that ends in .jsonl" if flag == "--json" else "leave it out"
            raise InputError(f"{flag}: of sentences, not of --input: {remedy}")


def _workers_ahead(source: str, processes: int | None) -> AbstractContextManager[None]:
    """Starts the processes that will predict a file, while this one still imports and sniffs; small files need none."""
    from sentiment.execution.worker_processes import ONE_PROCESS_BYTES, available_cores, kept_workers

    processes = available_cores() if processes is None else processes
    needed = processes > 1 and Path(source).is_file() and Path(source).stat().st_size > ONE_PROCESS_BYTES
    return kept_workers(processes if needed else 0, ["sentiment.bulk.results"])


def _predict_file(
    run: Path,
    source: str,
    reading: "ReadOptions",
    output: Path,
    options: "BulkOptions",
    compute: "Compute | None",
) -> None:
    from sentiment.bulk import predict_file
    from sentiment.bulk.meter import Meter
    from sentiment.corpora.readers import Reader, dialect_line

    meter = Meter(sys.stderr)
    with Reader(source, reading) as reader, Signals() as signals:

        def progress(position: "Position", size: int | None) -> None:
            meter(position, size)
            if signals.received is not None:
                raise Interrupted(_GO_ON, signals.received)

        sniffed = dialect_line(reader)
        done = predict_file(run, reader, output, options, progress, compute)
    meter.close()
    listed = f"{done.bad} says why" if options.bad_rows == "report" else "they are left out"
    if done.n_bad == done.rows:
        raise InputError(f"{source}: none of its {done.rows:,} rows could be predicted: {listed}")
    print(sniffed, file=sys.stderr)
    print(f"{done.rows:,} rows, predictions in {output}")
    if done.n_bad:
        print(f"{done.n_bad:,} of them could not be predicted: {listed}")


def _print(prediction: "Prediction", as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(prediction) | {"reason": prediction.reason}, ensure_ascii=False))
        return
    labels = getattr(prediction, "labels", (prediction.label,))  # of a model that gives several, there may be none
    answer = ", ".join(f"{label} {prediction.probabilities[label]:.4f}" for label in labels) or "no label"
    print(harmless(f"{answer}  {prediction.text}", newline=False))
    explained = getattr(prediction, "by_label", None) or {"": prediction.attributions or ()}
    for label, attributions in explained.items():
        for each in attributions:
            of = f"  {label}" if label else ""
            print(harmless(f"  {each.score:+.3f}  {each.token}{of}", newline=False))
    if prediction.abstained:
        print(harmless(f"  abstains: {prediction.reason}", newline=False))


def _lines() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(f"standard input, line {number}: not UTF-8; convert it first") from error
        if text:
            yield text
