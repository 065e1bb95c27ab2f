"""Searches for the settings with which a config does best on its validation texts."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from sentiment.commands.cli import DeviceFlag, RayFlag, trainings_on
from sentiment.commands.file_flags import FileFlags, bindings_of, with_file_flags

_AT_ONCE = 4  # on a cluster of any size, so that the same command draws the same trials on each


@with_file_flags()
def main(
    config: Annotated[str, Argument(help="A gin file, or the name of a config that comes along.")] = "default",
    *,
    files: FileFlags,
    over: Annotated[
        list[str] | None,
        Option(help="A setting with its choices, 'Recipe.batch_size = [32, 64]', or its range, '... = (1e-4, 1e-2)'."),
    ] = None,
    trials: Annotated[int, Option(help="Trainings in all; those of a search that is gone on with count.")] = 20,
    metric: Annotated[
        Literal["accuracy", "macro_f1", "cross_entropy"], Option(help="Of the validation texts: what is searched for.")
    ] = "accuracy",
    folds: Annotated[int | None, Option(help="Score each trial by so many folds, not by one split.")] = None,
    corpus: Annotated[str, Option(help="A known corpus, or a file or folder of texts and labels.")] = "",
    seed: Annotated[int, Option(min=0, help="Of the draws; --set 'Recipe.seed = 1' gives the trainings'.")] = 0,
    set_: Annotated[list[str] | None, Option("--set", help="Any gin binding, for all trials.")] = None,
    directory: Annotated[Path | None, Option("--run", help="Where to; by default a new folder in runs/.")] = None,
    ray: RayFlag = "",
    at_once: Annotated[
        int | None,
        Option(min=1, help="Trials drawn at once, by those before them, which --ray trains together: 4, else 1."),
    ] = None,
    device: DeviceFlag = "auto",
) -> None:
    """Try settings of CONFIG, keep the best as a config; killed or stopped, the same command goes on."""
    from sentiment.search.search import search
    from sentiment.training.loop.progress import for_this_output

    bindings = bindings_of({"load_corpus.source": corpus or None}, files, set_)
    with trainings_on(ray, device) as compute:
        search(
            config,
            over or [],
            trials,
            bindings,
            metric=metric,
            folds=folds,
            seed=seed,
            at_once=at_once or (_AT_ONCE if ray else 1),
            directory=directory,
            progress=for_this_output(),
            compute=compute,
        )
