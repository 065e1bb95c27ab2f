"""Trains a student on what finished runs, its teachers, answer for texts without labels."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.commands.cli import DeviceFlag
from sentiment.commands.file_flags import FileFlags, bindings_of, with_file_flags
from sentiment.errors import InputError


@with_file_flags()
def main(
    teacher: Annotated[
        list[str] | None, Option(help="A finished run, or a variant, whose newest is taken; again for several.")
    ] = None,
    *,
    files: FileFlags,
    student: Annotated[str, Option(help="A gin file, or the name of a config that comes along.")] = "taught",
    texts: Annotated[
        list[str] | None, Option(help="A file of texts, or a known corpus, to be labelled; again for several.")
    ] = None,
    corpus: Annotated[str, Option(help="Labelled rows to learn beside them: a known corpus, a file or folder.")] = "",
    temperature: Annotated[float | None, Option(help="Of the teachers' probabilities; 0: their labels alone.")] = None,
    confidence: Annotated[float | None, Option(help="Leave texts out of which the teachers are less sure.")] = None,
    steps: Annotated[int | None, Option(help="Training steps.")] = None,
    seed: Annotated[int | None, Option(help="Seed of weights, batches and dropout.")] = None,
    set_: Annotated[list[str] | None, Option("--set", help="Any gin binding, as 'Recipe.batch_size = 32'.")] = None,
    run_directory: Annotated[Path | None, Option("--run", help="Where to; by default a new one in runs/.")] = None,
    device: DeviceFlag = "auto",
) -> None:
    """Have finished runs label texts and train STUDENT on their answers; killed, the same command goes on."""
    if not teacher:
        raise InputError("no teacher: name a finished run with --teacher; `sentiment train --config minilm` makes one")
    from sentiment.bulk.meter import Meter
    from sentiment.corpora.readers import Position
    from sentiment.distillation.distil import distil
    from sentiment.training.loop.progress import for_this_output
    from sentiment.training.request import set_up

    set_up(device)
    flags = {
        "Distillation.texts": tuple(texts) if texts else None,
        "Distillation.labelled": corpus or None,
        "Distillation.temperature": temperature,
        "Distillation.confidence": confidence,
        "Recipe.steps": steps,
        "Recipe.seed": seed,
    }
    bindings = bindings_of(flags, files, set_)
    meter = Meter(sys.stderr)

    def answered(done: int, n_answers: int) -> None:
        meter(Position(offset=done, row=done), n_answers)
        if done == n_answers:
            meter.close()

    distil(teacher, student, bindings, run_directory, for_this_output(), answered)
