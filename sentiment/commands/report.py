"""Writes a page and a model card that tell how good a run is."""

from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.commands.cli import DeviceFlag
from sentiment.storage.runs import latest_run


def main(
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest classifier.")] = None,
    split: Annotated[
        str | None, Option(help="train, validation, test or all. [default: all of another file, else validation]")
    ] = None,
    corpus: Annotated[str, Option(help="Another corpus than the run's own: a name or a file.")] = "",
    text: Annotated[str, Option(help="The file's column with the texts.")] = "",
    label: Annotated[str, Option(help="The file's column with the labels.")] = "",
    device: DeviceFlag = "auto",
) -> None:
    """Evaluate a run and write report.html and MODEL_CARD.md into its folder."""
    from sentiment.evaluation.evaluate_run import Question
    from sentiment.report.write import write_report
    from sentiment.training.parallel.backend import set_up_backend

    set_up_backend(device)
    path = run_directory or latest_run().path
    for written in write_report(path, Question(split, corpus, text or None, label or None)):
        print(written)
