"""Predicts the label of sentences."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from sentiment.errors import InputError
from sentiment.storage.run_directory import latest_run


def main(
    sentences: Annotated[
        list[str] | None, Argument(help="Sentences, each quoted; - reads one a line from standard input.")
    ] = None,
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest in runs/.")] = None,
    as_json: Annotated[bool, Option("--json", help="One JSON object a line, with all probabilities.")] = False,
    explain: Annotated[bool, Option("--explain", help="Say what each word did for the label.")] = False,
    precision: Annotated[
        float | None, Option(help="Abstain where answers were less often right: 0.8, 0.9, 0.95 or 0.99.")
    ] = None,
    int8: Annotated[bool, Option("--int8", help="Take the model with weights of 8 bits.")] = False,
    source: Annotated[
        str, Option("--input", help="A .csv, .tsv, .jsonl, .parquet or .txt file of any size, or - : one text a line.")
    ] = "",
    output: Annotated[Path | None, Option(help="With --input: a .csv, .tsv or .jsonl file.")] = None,
    text: Annotated[str, Option(help="With --input: the column with the texts.")] = "text",
    processes: Annotated[int | None, Option(help="With --input: how many; by default one a core.", min=1)] = None,
) -> None:
    """Print each sentence's label and probability, or predict a whole file."""
    if bool(source) != (output is not None) or bool(source) == bool(sentences):
        raise InputError("give sentences, or --input FILE with --output FILE")
    run = run_directory or latest_run().path
    if source:
        _predict_file(run, source, text, output, int8, precision, processes)
        return
    from sentiment.prediction.predictor import Predictor

    predictor = Predictor.load(run, int8, precision)
    for prediction in predictor(list(_lines()) if sentences == ["-"] else sentences, explain):
        _print(prediction, as_json)


def _predict_file(
    run: Path, path: str, column: str, output: Path, int8: bool, precision: float | None, processes: int | None
) -> None:
    from sentiment.bulk import predict_file
    from sentiment.bulk.meter import Meter
    from sentiment.bulk.sources import Source

    meter = Meter()
    done = predict_file(run, Source(path, column), output, int8, precision, processes, meter)
    meter.close()
    print(f"{done.rows:,} rows, predictions in {output}")
    if done.n_bad:
        print(f"{done.n_bad:,} of them could not be predicted: {done.bad} says why")


def _print(prediction, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(prediction) | {"reason": prediction.reason}, ensure_ascii=False))
        return
    print(f"{prediction.label} {prediction.probability:.4f}  {prediction.text}")
    for each in prediction.attributions or ():
        print(f"  {each.score:+.3f}  {each.token}")
    if prediction.abstained:
        print(f"  abstains: {prediction.reason}")


def _lines():
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(f"standard input, line {number}: not UTF-8; convert it first") from error
        if text:
            yield text
