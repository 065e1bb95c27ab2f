"""Trains a classifier and leaves it in a run directory."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from sentiment.commands.cli import DeviceFlag, RayFlag, trainings_on
from sentiment.commands.file_flags import FileFlags, bindings_of, with_file_flags
from sentiment.errors import InputError
from sentiment.recipe.variants import configs_folder, read_variants

if TYPE_CHECKING:
    from sentiment.training.request import TrainingRequest


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
    ray: RayFlag = "",
    workers: Annotated[int, Option(help="With --ray: how many processes train together.", min=1)] = 1,
    device: DeviceFlag = "auto",
    list_: Annotated[bool, Option("--list", help="List the configs that come along, and stop.")] = False,
) -> None:
    """Train the classifier that CONFIG describes; an unfinished run with the same settings is resumed."""
    if list_:
        for variant in read_variants(configs_folder()):
            print(f"{variant.name:14} {variant.summary}\n{'':14} {variant.result}\n{'':14} {variant.cost}")
        return
    flags = {"load_corpus.source": corpus or None, "Recipe.steps": steps, "Recipe.seed": seed}
    if (ray or folds) and (coordinator or processes):
        raise InputError(f"{'--ray' if ray else '--folds'}: leave --coordinator out")
    if folds and workers > 1:
        raise InputError("--folds: each fold is trained by one process: leave --workers out")
    from sentiment.training.request import TrainingRequest

    request = TrainingRequest(config, bindings_of(flags, files, set_), run_directory, device)
    _train(request, folds, (ray, workers), (coordinator, processes, process))


def _train(
    training: "TrainingRequest",
    folds: int | None,
    cluster: tuple[str, int],
    joining: tuple[str, int | None, int | None],
) -> None:
    from sentiment.training.loop.progress import for_this_output

    if folds is not None:
        from sentiment.search.folds import cross_validate

        with trainings_on(cluster[0], training.device) as compute:
            cross_validate(training.config, training.bindings, folds, training.run, for_this_output(), compute)
    elif cluster[0]:
        from sentiment.scale.cluster import connected

        with connected(cluster[0]):
            from sentiment.scale.training import train_on_ray

            train_on_ray(training, cluster[1], for_this_output().info)
    else:
        training.train(*joining, for_this_output())
