"""One training from its first step to its finished run directory."""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import jax
import numpy as np

from sentiment.corpora import Corpus
from sentiment.corpora.bad_rows import as_csv
from sentiment.corpora.labels import listed
from sentiment.encoding.subwords import Subwords
from sentiment.errors import InputError
from sentiment.recipe.early_stopping import METRICS
from sentiment.recipe.microbatches import numbers_of_microbatches
from sentiment.recipe.recipe import Recipe
from sentiment.storage.files import write_whole
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import save_tensors
from sentiment.training.advice import advice
from sentiment.training.export_models import beside_teachers, described, export
from sentiment.training.loop.divergence import DivergedError, write_batches
from sentiment.training.loop.loop import Loop
from sentiment.training.loop.progress import Progress
from sentiment.training.parallel.processes import from_first, is_first
from sentiment.training.parts import Parts
from sentiment.training.tasks import eval_task, train_task
from sentiment.training.trained_model import named_weights
from sentiment.trax_runtime import tl


@dataclass(frozen=True)
class Session:
    """A recipe at work.

    Attributes:
        recipe: the settings, `sized` for the corpus.
        corpus: what is trained on.
        parts: what the recipe makes of the corpus.
        run: where everything goes; claimed by this process.
        progress: shows what happens.
        started: `time.monotonic` when it began.
    """

    recipe: Recipe
    corpus: Corpus
    parts: Parts
    run: RunDirectory
    progress: Progress
    started: float

    def introduce(self, resumed: bool, notes: Sequence[str] = ()) -> None:
        """Shows what is trained, on what, where to, and `notes`; leaves a list of the corpus's bad rows in the run."""
        corpus, bad = self.corpus, self.corpus.bad_rows
        if bad and is_first():
            write_whole(self.run.bad_rows, as_csv(bad))
        share, own = self.parts.known_share, len(self.parts.corpus.texts) - len(corpus.texts)
        known = "" if share is None else f"; it knows {share:.1%} of those in the validation texts"
        for line in (
            f"corpus      {corpus.name}: {len(corpus.texts):,} texts, {listed(corpus.label_names)}",
            *(f"note        {note}" for note in corpus.notes),
            *([f"note        {len(bad):,} rows are listed in {self.run.bad_rows}"] if bad else []),
            *(f"note        {line}" for line in (*notes, *advice(corpus, self.parts, self.recipe))),
            *([f"note        {own:,} constructions are learned beside them"] if own else []),
            *([f"note        {self.parts.note}"] if self.parts.note else []),
            f"vocabulary  {_size(self.parts)}{known}",
            f"model       {' '.join(str(self.parts.model).split())}",
            f"run         {self.run.path}{' (resumed)' if resumed else ''}",
        ):
            self.progress.info(line)

    def new_loop(self, interrupted: Callable[[], bool]) -> Loop:
        """Returns the loop, at its newest checkpoint if there is one; it ends when `interrupted` says so."""
        recipe, parts = self.recipe, self.parts
        stopping, metric = recipe.stopping, METRICS[recipe.stopping.metric]
        return Loop(
            parts.model,
            train_task(recipe, parts),
            eval_model=parts.eval_model,
            eval_tasks=eval_task(recipe, parts),
            output_dir=str(self.run.training),
            eval_at=self._every(recipe.eval_every),
            checkpoint_at=self._every(recipe.checkpoint_every),
            checkpoint_low_metric=metric if stopping.metric == "cross_entropy" else None,
            checkpoint_high_metric=metric if stopping.metric == "accuracy" else None,
            random_seed=recipe.seed,
            progress=self.progress,
            lazy=recipe.updates == "lazy",
            compute=recipe.compute,
            gradient_accumulation_steps=recipe.gradient_accumulation_steps,
            patience=stopping.patience,
            time_limit=stopping.time_limit,
            interrupted=interrupted,
        )

    def train(self, loop: Loop) -> None:
        """Runs the loop to its end.

        Raises:
            InputError: training diverged; the message names the file that holds the step's batch. Or the device's
                memory is full.
        """
        self.progress.started(loop.step, self.recipe.n_steps)
        try:
            loop.run(self.recipe.n_steps - loop.step)
        except DivergedError as error:
            from_first(functools.partial(self._give_up, error))
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            raise InputError(self._memory_full()) from error
        finally:
            self.progress.stopped()

    def finish(self, loop: Loop) -> dict:
        """Writes the weights that are kept and, of a classifier, its export and calibration; returns metrics.json."""
        steps = loop.step
        loop.run_missing_evals()
        if self.recipe.stopping.keep == "best":
            loop.load_best()
        model = self.parts.deployed(loop.eval_model)
        metrics = {"steps": steps} | _measured(loop, model)
        if is_first():
            if isinstance(self.parts.encoder, Subwords):
                write_whole(self.run.tokenizer, self.parts.encoder.tokenizer)
            save_tensors(self.run.weights, named_weights(model), {"steps": loop.step})
            if self.recipe.is_classifier:
                metrics |= self._export(model)
        metrics["seconds"] = round(time.monotonic() - self.started, 2)
        if is_first():
            self.run.finish(metrics)
        return metrics

    def _every(self, n: int) -> Callable[[int], bool]:
        return lambda step: step == 1 or step % n == 0 or step == self.recipe.n_steps

    def _export(self, model: tl.Serial) -> dict:
        teaching, rows = self.corpus.teaching, self.corpus.splits["validation"]
        theirs = None if teaching is None else teaching.answers[rows].argmax(axis=1)
        measured, accuracy = export(self.run, model, self.parts, theirs)
        self.progress.info(f"exported    {described(measured)}")
        if "teachers" in measured:
            self.progress.info(f"taught      {beside_teachers(measured['teachers'], accuracy, len(rows))}")
        corrected = {} if self.parts.prior_shift is None else {"validation_accuracy": accuracy}  # as labels are
        return {"export": measured, **corrected}

    def _give_up(self, error: DivergedError) -> NoReturn:
        run, parts = self.run, self.parts
        written = write_batches(run.training, error, parts.corpus, parts.rows, parts.train, parts.sampler)
        raise InputError(
            f"{run.path}: training diverged, {error}; {written.name} in {written.parent} holds its batch, and the "
            f"checkpoints from before it are kept; lower the learning rate, or set Recipe.clip_norm"
        ) from error

    def _memory_full(self) -> str:
        size, taken = self.recipe.batch_size, self.recipe.gradient_accumulation_steps
        more = [n for n in numbers_of_microbatches(size, jax.device_count()) if n > taken]
        remedy = (
            f"compute each in parts with --set 'Recipe.gradient_accumulation_steps = {more[0]}', or " if more else ""
        )
        batches = f"batches of {size}" + (f" in {taken} parts" if taken > 1 else "")
        return (
            f"{self.run.path}: the memory of {jax.devices()[0].device_kind} is full with {batches}: {remedy}train on "
            "the CPU with --device cpu; other programs may hold some of it"
        )


def _size(parts: Parts) -> str:
    if isinstance(parts.encoder, Subwords):
        return f"{len(parts.encoder):,} subwords"
    return f"{len(parts.vocabulary):,} tokens"


def _measured(loop: Loop, model: tl.Serial) -> dict:
    newest = {name: loop.history.get("eval", f"metrics/{name}")[-1][1] for name in ("CrossEntropyLoss", "Accuracy")}
    weights = sum(int(np.prod(tensor.shape)) for tensor in named_weights(model).values())
    return {
        "kept_step": loop.step,
        "validation_cross_entropy": newest["CrossEntropyLoss"],
        "validation_accuracy": newest["Accuracy"],
        "n_weights": weights,  # frozen ones included
    }
