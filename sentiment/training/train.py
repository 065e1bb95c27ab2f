"""A config and a corpus -> a run directory: the whole of `make train`."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sentiment.batches import Batches
from sentiment.config import operative_config
from sentiment.corpora import Corpus
from sentiment.recipe import Recipe, read_corpus, read_recipe
from sentiment.run_directory import RunDirectory, new_run, unfinished_run
from sentiment.samplers import OnePass
from sentiment.tensors import save_tensors
from sentiment.trained_model import BATCH_SIZE, named_weights
from sentiment.training.loop import Loop
from sentiment.training.parts import Parts, build_parts
from sentiment.training.progress import Progress
from sentiment.trax_runtime import tl, training


def train(
    config: str | Path,
    bindings: Sequence[str] = (),
    directory: str | Path | None = None,
    progress: Progress | None = None,
    corpus: Corpus | None = None,
) -> RunDirectory:
    """Trains what a gin config says and returns the finished run.

    Args:
        config: path of a gin file.
        bindings: gin lines that override it, such as `Recipe.steps = 200` or `load_corpus.source = 'my.csv'`.
        directory: where the run goes; by default the next number under runs/. An unfinished run with the same
            settings and data is resumed from its last checkpoint, and ends with the bits it would have had.
        progress: hears of every step.
        corpus: instead of the one that the config names.

    Raises:
        InputError: the config, the corpus or the directory can't be used as it is.
        OSError: the run can't be written.
    """
    progress = progress or Progress()
    started = time.monotonic()
    recipe = read_recipe(config, bindings)
    if corpus is None:
        corpus, reason = read_corpus(config)
        if reason:
            progress.told(reason)
    parts = build_parts(recipe, corpus, config)
    run, resumed = _open(directory, f"{recipe.name}-{Path(corpus.name).stem}", recipe, corpus, parts)
    for line in _introduction(corpus, parts, run, resumed):
        progress.told(line)
    loop = _loop(recipe, parts, run, progress)
    progress.started(loop.step, recipe.steps)
    try:
        loop.run(recipe.steps - loop.step)
    finally:
        progress.stopped()
    save_tensors(run.weights, named_weights(loop.eval_model), {"steps": loop.step})
    metrics = _measured(loop) | {"seconds": round(time.monotonic() - started, 2)}
    run.finish(metrics)
    accuracy, seconds = metrics["validation_accuracy"], metrics["seconds"]
    progress.told(f"done        validation accuracy {accuracy:.4f} after {loop.step} steps, {seconds:.1f} s in all")
    return run


def _introduction(corpus: Corpus, parts: Parts, run: RunDirectory, resumed: bool) -> tuple[str, ...]:
    return (
        f"corpus      {corpus.name}: {len(corpus.texts):,} texts, {', '.join(corpus.label_names)}",
        f"vocabulary  {len(parts.vocabulary):,} tokens",
        f"model       {' '.join(str(parts.model).split())}",
        f"run         {run.path}{' (resumed)' if resumed else ''}",
    )


def _open(
    directory: str | Path | None, name: str, recipe: Recipe, corpus: Corpus, parts: Parts
) -> tuple[RunDirectory, bool]:
    model = {
        "task": recipe.task,
        "label_names": list(corpus.label_names),
        "preprocessor": recipe.preprocessor.to_dict(),
        "corpus": {"name": corpus.name, "fingerprint": corpus.fingerprint(), **asdict(corpus.provenance)},
    }
    contents = (operative_config(), model, parts.vocabulary.to_bytes())
    if directory:
        run = RunDirectory(Path(directory))
    else:
        run = unfinished_run(name, *contents) or new_run(name)
    return run, run.begin(*contents)


def _loop(recipe: Recipe, parts: Parts, run: RunDirectory, progress: Progress) -> Loop:
    batches = Batches(parts.train, parts.sampler, recipe.buckets, recipe.form)
    one_pass = OnePass(len(parts.validation), BATCH_SIZE)
    held_out = Batches(parts.validation, one_pass, recipe.buckets, recipe.form)
    train_task = training.TrainTask(
        labeled_data=batches,
        loss_layer=tl.CrossEntropyLoss(),
        optimizer=parts.optimizer,
        sample_batch=batches.batch(0),
    )
    eval_task = training.EvalTask(
        labeled_data=(held_out.batch(step) for step in itertools.cycle(range(one_pass.steps))),
        metrics=[tl.CrossEntropyLoss(), tl.Accuracy()],
        n_eval_batches=one_pass.steps,
        sample_batch=held_out.batch(0),
    )
    return Loop(
        parts.model,
        train_task,
        eval_model=parts.eval_model,
        eval_tasks=eval_task,
        output_dir=str(run.training),
        eval_at=_at(recipe.eval_every, recipe.steps),
        checkpoint_at=_at(recipe.checkpoint_every, recipe.steps),
        random_seed=recipe.seed,
        progress=progress,
        lazy=recipe.updates == "lazy",
    )


def _at(every: int, last: int):
    return lambda step: step == 1 or step % every == 0 or step == last


def _measured(loop: Loop) -> dict:
    newest = {name: loop.history.get("eval", f"metrics/{name}")[-1][1] for name in ("CrossEntropyLoss", "Accuracy")}
    weights = sum(int(np.prod(tensor.shape)) for tensor in named_weights(loop.eval_model).values())
    return {
        "steps": loop.step,
        "validation_cross_entropy": newest["CrossEntropyLoss"],
        "validation_accuracy": newest["Accuracy"],
        "n_weights": weights,  # frozen ones included
    }
