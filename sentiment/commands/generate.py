"""Samples texts from a language model."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from sentiment.commands.cli import DeviceFlag
from sentiment.storage.runs import latest_run
from sentiment.terminal import harmless


def main(
    prompt: Annotated[str, Argument(help="The first words.")] = "",
    run_directory: Annotated[Path | None, Option("--run", help="A run; by default the newest of its kind.")] = None,
    n: Annotated[int, Option("--n", help="How many texts.")] = 5,
    temperature: Annotated[float, Option(help="Below 1: likely words become likelier; 0: always the likeliest.")] = 0.8,
    top_k: Annotated[int | None, Option(help="Draw among the k likeliest words only.")] = 40,
    longest: Annotated[int, Option(help="Most words in a text.")] = 30,
    seed: Annotated[int, Option(help="Of the first text; the next ones count on.")] = 0,
    device: DeviceFlag = "auto",
) -> None:
    """Print texts, one a line, sampled from a run of configs/language_model.gin."""
    from sentiment.evaluation.language_model import LanguageModel
    from sentiment.training.parallel.backend import set_up_backend

    set_up_backend(device)
    model = LanguageModel.load(run_directory or latest_run(task="next_token").path)
    for number in range(n):
        print(harmless(model.sample(prompt, seed + number, temperature, top_k, longest), newline=False))
