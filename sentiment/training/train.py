"""A config and a corpus -> a run directory: the whole of `make train`."""

import contextlib
import functools
import hashlib
import itertools
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import jax
import numpy as np

from sentiment.batching.batches import Batches
from sentiment.batching.samplers import OnePass
from sentiment.config import operative_config
from sentiment.corpora import Corpus
from sentiment.encoding.encoder import describe_encoder
from sentiment.errors import InputError, Interrupted
from sentiment.export import is_additive
from sentiment.recipe.early_stopping import METRICS
from sentiment.recipe.recipe import Recipe, read_corpus, read_recipe
from sentiment.storage.run_directory import RunDirectory, claimed_run
from sentiment.storage.tensors import save_tensors
from sentiment.training.calibrate import calibrate
from sentiment.training.export_models import described, export
from sentiment.training.loop.divergence import DivergedError, write_batches
from sentiment.training.loop.loop import Loop
from sentiment.training.loop.progress import Progress
from sentiment.training.loop.signals import Signals
from sentiment.training.parallel.backend import begin_backend, set_up_backend
from sentiment.training.parallel.devices import begin_on_one_thread
from sentiment.training.parallel.processes import check_alike, from_first, is_first
from sentiment.training.parts import Parts, build_parts
from sentiment.training.trained_model import BATCH_SIZE, named_weights
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
        InputError: the config, the corpus or the directory can't be used as it is, or training diverged.
        Interrupted: Ctrl-C or SIGTERM came; a checkpoint is written. A second one is obeyed at once.
        OSError: the run can't be written.
    """
    progress = progress or Progress()
    started = time.monotonic()
    set_up_backend()
    recipe, corpus = _read(config, bindings, corpus, progress)
    parts = build_parts(recipe, corpus, config)
    with _claimed(directory, recipe, corpus, parts) as (run, resumed):
        for line in _introduction(corpus, parts, run, resumed):
            progress.told(line)
        with Signals() as signals:
            loop = _loop(recipe, parts, run, progress, signals)
            _run(loop, recipe, parts, run, corpus, progress)
        if loop.ended_by == "interruption":
            received = signals.received or signal.SIGTERM  # in another process
            raise Interrupted(_how_to_go_on(loop.step, recipe.steps, run), received)
        metrics = _finish(loop, recipe, parts, run, started, progress)
    progress.told(f"done        {_summary(metrics, recipe, loop.ended_by)}")
    return run


def _run(loop: Loop, recipe: Recipe, parts: Parts, run: RunDirectory, corpus: Corpus, progress: Progress) -> None:
    progress.started(loop.step, recipe.steps)
    try:
        loop.run(recipe.steps - loop.step)
    except DivergedError as error:
        from_first(functools.partial(_give_up, error, run, parts, corpus))
    finally:
        progress.stopped()


def _finish(loop: Loop, recipe: Recipe, parts: Parts, run: RunDirectory, started: float, progress: Progress) -> dict:
    steps = loop.step
    if recipe.stopping.keep == "best":
        loop.load_best()
    metrics = {"steps": steps} | _measured(loop)
    if is_first():
        metrics |= _written(loop, recipe, parts, run, progress)
    metrics["seconds"] = round(time.monotonic() - started, 2)
    if is_first():
        run.finish(metrics)
    return metrics


def _give_up(error: DivergedError, run: RunDirectory, parts: Parts, corpus: Corpus) -> NoReturn:
    written = write_batches(run.training, error, corpus, parts.train, parts.sampler)
    raise InputError(
        f"{run.path}: training diverged, {error}; {written.name} in {written.parent} holds its batch, and the "
        f"checkpoints from before it are kept; lower the learning rate, or set Recipe.clip_norm"
    ) from error


def _written(loop: Loop, recipe: Recipe, parts: Parts, run: RunDirectory, progress: Progress) -> dict:
    save_tensors(run.weights, named_weights(loop.eval_model), {"steps": loop.step})
    if recipe.task != "classify":
        return {}
    measured, outputs = export(run, loop.eval_model, parts)
    progress.told(f"exported    {described(measured)}")
    calibrate(run, outputs, parts.validation.labels)
    return {"export": measured}


def _how_to_go_on(step: int, steps: int, run: RunDirectory) -> str:
    return (
        f"stopped after {step} of {steps} steps, all kept in {run.path}; the same command goes on from there, "
        f"or: make train CONFIG={run.config} RUN={run.path}"
    )


def _summary(metrics: dict, recipe: Recipe, ended_by: str) -> str:
    stopping, steps, kept = recipe.stopping, metrics["steps"], metrics["kept_step"]
    line = f"validation accuracy {metrics['validation_accuracy']:.4f}"
    line += f" at step {kept}, the best," if kept != steps else ""
    line += f" after {steps} steps"
    if ended_by == "patience":
        line += f" of {recipe.steps} (no better {stopping.metric} in {stopping.patience} evaluations)"
    elif ended_by == "time":
        line += f" of {recipe.steps} (time limit of {stopping.time_limit:g} s)"
    return f"{line}, {metrics['seconds']:.1f} s in all"


def _read(
    config: str | Path, bindings: Sequence[str], given: Corpus | None, progress: Progress
) -> tuple[Recipe, Corpus]:
    recipe = read_recipe(config, bindings)
    if recipe.updates == "lazy":
        begin_on_one_thread()
    begin_backend()
    corpus, reason = (given, "") if given else read_corpus(config)
    if reason:
        progress.told(reason)
    return recipe.sized(len(corpus.splits["train"]), len(corpus.label_names)), corpus


def _introduction(corpus: Corpus, parts: Parts, run: RunDirectory, resumed: bool) -> tuple[str, ...]:
    return (
        f"corpus      {corpus.name}: {len(corpus.texts):,} texts, {', '.join(corpus.label_names)}",
        f"vocabulary  {len(parts.vocabulary):,} tokens",
        f"model       {' '.join(str(parts.model).split())}",
        f"run         {run.path}{' (resumed)' if resumed else ''}",
    )


@contextlib.contextmanager
def _claimed(
    directory: str | Path | None, recipe: Recipe, corpus: Corpus, parts: Parts
) -> Iterator[tuple[RunDirectory, bool]]:
    model = {
        "task": recipe.task,
        "label_names": list(corpus.label_names),
        "preprocessor": recipe.preprocessor.to_dict(),
        "features": describe_encoder(parts.encoder),
        "additive": is_additive(parts.eval_model),
        "corpus": {"name": corpus.name, "fingerprint": corpus.fingerprint(), **asdict(corpus.provenance)},
    }
    contents = (operative_config(), model, parts.vocabulary.to_bytes())
    check_alike(hashlib.sha256(repr(contents).encode()).digest(), "settings or data")
    with contextlib.ExitStack() as held:

        def claim() -> tuple[str, bool]:
            if directory is None:
                run, resumed = held.enter_context(claimed_run(f"{recipe.name}-{Path(corpus.name).stem}", *contents))
                return str(run.path), resumed
            return str(directory), held.enter_context(RunDirectory(Path(directory)).claimed(*contents))

        path, resumed = from_first(claim)
        yield RunDirectory(Path(path)), resumed


def _loop(recipe: Recipe, parts: Parts, run: RunDirectory, progress: Progress, signals: Signals) -> Loop:
    batches = Batches(parts.train, parts.sampler, recipe.buckets, recipe.form, parts.class_weights)
    one_pass = OnePass(len(parts.validation), -(-BATCH_SIZE // jax.device_count()) * jax.device_count())
    held_out = Batches(parts.validation, one_pass, recipe.buckets, recipe.form)
    train_task = training.TrainTask(
        labeled_data=batches,
        loss_layer=recipe.loss.layer(),
        loss_name="CrossEntropyLoss",
        optimizer=parts.optimizer,
        lr_schedule=parts.rates,
        sample_batch=batches.batch(0),
    )
    eval_task = training.EvalTask(
        labeled_data=(held_out.batch(step) for step in itertools.cycle(range(one_pass.steps))),
        metrics=[tl.CrossEntropyLoss(), tl.Accuracy()],
        n_eval_batches=one_pass.steps,
        sample_batch=held_out.batch(0),
    )
    stopping, metric = recipe.stopping, METRICS[recipe.stopping.metric]
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
        compute=recipe.compute,
        checkpoint_low_metric=metric if stopping.metric == "cross_entropy" else None,
        checkpoint_high_metric=metric if stopping.metric == "accuracy" else None,
        patience=stopping.patience,
        time_limit=stopping.time_limit,
        interrupted=lambda: signals.received is not None,
    )


def _at(every: int, last: int):
    return lambda step: step == 1 or step % every == 0 or step == last


def _measured(loop: Loop) -> dict:
    newest = {name: loop.history.get("eval", f"metrics/{name}")[-1][1] for name in ("CrossEntropyLoss", "Accuracy")}
    weights = sum(int(np.prod(tensor.shape)) for tensor in named_weights(loop.eval_model).values())
    return {
        "kept_step": loop.step,
        "validation_cross_entropy": newest["CrossEntropyLoss"],
        "validation_accuracy": newest["Accuracy"],
        "n_weights": weights,  # frozen ones included
    }
