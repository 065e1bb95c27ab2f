"""Trains a classifier and leaves it in a run directory."""

from pathlib import Path
from typing import Annotated

from typer import Option

from sentiment.commands.cli import DeviceFlag
from sentiment.commands.file_flags import FileFlags, with_file_flags
from sentiment.errors import InputError
from sentiment.recipe.variants import configs_folder, read_variants


@with_file_flags()
def main(
    config: Annotated[str, Option(help="A gin file, or the name of a config that comes along (--list).")] = "default",
    *,
    files: FileFlags,
    corpus: Annotated[str, Option(help="A known corpus, or a file or folder of texts and labels.")] = "",
    steps: Annotated[int | None, Option(help="Training steps.")] = None,
    seed: Annotated[int | None, Option(help="Seed of weights, batches and dropout.")] = None,
    set_: Annotated[list[str] | None, Option("--set", help="Any gin binding, as 'Recipe.batch_size = 32'.")] = None,
    run_directory: Annotated[Path | None, Option("--run", help="Where to; by default a new one in runs/.")] = None,
    folds: Annotated[
        int | None, Option(help="Cross-validate: so many trainings, each validated on what the others train on.")
    ] = None,
    coordinator: Annotated[
        str, Option(help="Of several processes: HOST:PORT of the first, or auto.", envvar="JAX_COORDINATOR_ADDRESS")
    ] = "",
    processes: Annotated[
        int | None, Option(help="How many processes train together.", envvar="JAX_NUM_PROCESSES")
    ] = None,
    process: Annotated[int | None, Option(help="Which of them this is, from 0.", envvar="JAX_PROCESS_ID")] = None,
    device: DeviceFlag = "auto",
    list_: Annotated[bool, Option("--list", help="List the configs that come along, and stop.")] = False,
) -> None:
    """Train the classifier that CONFIG describes; an unfinished run with the same settings is resumed."""
    if list_:
        for variant in read_variants(configs_folder()):
            print(f"{variant.name:14} {variant.summary}\n{'':14} {variant.result}\n{'':14} {variant.cost}")
        return
    from sentiment.training.compile.compilation_cache import keep_compiled_programs
    from sentiment.training.loop.progress import for_this_output
    from sentiment.training.parallel.backend import set_up_backend
    from sentiment.training.parallel.processes import joined
    from sentiment.training.train import train

    set_up_backend(device)
    keep_compiled_programs()
    flags = {
        "load_corpus.source": corpus or None,
        "Recipe.steps": steps,
        "Recipe.seed": seed,
    }
    bindings = [f"{name} = {value!r}" for name, value in flags.items() if value is not None]
    bindings += [*files.bindings(), *(set_ or [])]
    if folds is not None:
        from sentiment.search.folds import cross_validate

        if coordinator or processes:
            raise InputError("--folds: of one process; leave --coordinator and --processes out")
        cross_validate(config, bindings, folds, run_directory, for_this_output())
        return
    with joined(coordinator, processes, process):
        train(config, bindings, run_directory, for_this_output())
