"""Predicts the label of sentences."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from sentiment.errors import InputError
from sentiment.run_directory import latest_run


def main(
    sentences: Annotated[list[str], Argument(help="Sentences, each quoted; - reads one a line from standard input.")],
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest in runs/.")] = None,
    as_json: Annotated[bool, Option("--json", help="One JSON object a line, with all probabilities.")] = False,
) -> None:
    """Print each sentence's label and probability."""
    from sentiment.predictor import Predictor

    predictor = Predictor.load(run_directory or latest_run().path)
    texts = list(_lines()) if sentences == ["-"] else sentences
    for prediction in predictor(texts):
        if as_json:
            print(json.dumps(asdict(prediction), ensure_ascii=False))
            continue
        print(f"{prediction.label} {prediction.probability:.4f}  {prediction.text}")
        if prediction.mostly_unknown:
            print(f"  unknown words: {' '.join(prediction.unknown) or '(no word at all)'}")
        elif prediction.abstained:
            print("  abstained: the probability is under the model's threshold")


def _lines():
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise InputError(f"standard input, line {number}: not UTF-8; convert it first") from error
        if text:
            yield text
