"""Prepares a corpus of any size, so that training maps it from disk."""

from typing import Annotated

from typer import Argument, Option

from sentiment.commands.cli import RayFlag, on_cluster
from sentiment.commands.file_flags import FileFlags, bindings_of, with_file_flags
from sentiment.errors import InputError


@with_file_flags()
def main(
    sources: Annotated[list[str], Argument(help="Files, folders or patterns of texts and labels.")],
    *,
    files: FileFlags,
    output: Annotated[
        str, Option(help="The folder, or its address, that is made; cut off, the same command goes on in it.")
    ],
    config: Annotated[str, Option(help="A gin file, or the name of a config that comes along.")] = "default",
    set_: Annotated[list[str] | None, Option("--set", help="Any gin binding, as 'Vocabulary.min_count = 5'.")] = None,
    processes: Annotated[int | None, Option(help="How many; by default one a core.", min=1)] = None,
    ray: RayFlag = "",
) -> None:
    """Read, split, count and encode SOURCES as CONFIG says, once; `sentiment train --corpus FOLDER` then starts so."""
    from sentiment.preparation.prepare import prepare
    from sentiment.training.loop.progress import for_this_output

    if ray and processes:
        raise InputError("--ray: on all cores of the cluster: leave --processes out")
    bindings = bindings_of({}, files, set_)
    with on_cluster(ray) as compute:
        corpus = prepare(sources, config, output, bindings, for_this_output(), processes, compute=compute)
    sizes = ", ".join(f"{len(rows):,} {name}" for name, rows in corpus.splits.items())
    print(f"prepared    {len(corpus.texts):,} texts ({sizes}); sentiment train --corpus {output} --config {config}")
