"""Trax's Loop, with safe checkpoints, metrics over whole splits, and resuming to the bit."""

import functools
import time
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np

from sentiment.errors import InputError
from sentiment.training.loop.best import Best, best_evaluations
from sentiment.training.loop.checkpoint import (
    Checkpoint,
    Facts,
    Saver,
    checkpoint_from_first,
    checkpoint_path,
    load_checkpoint,
    newest_checkpoint,
)
from sentiment.training.loop.divergence import DivergedError, check_finite
from sentiment.training.loop.evaluator import Evaluator
from sentiment.training.loop.progress import Progress
from sentiment.training.loop.running_means import RunningMeans
from sentiment.training.named_leaves import named_leaves, with_leaves
from sentiment.training.parallel.devices import Devices
from sentiment.training.parallel.processes import any_of, is_first
from sentiment.training.step.feed import Feed
from sentiment.training.step.trainer import CALLS_AHEAD, Trainer
from sentiment.trax_runtime import shapes, training


class Loop(training.Loop):
    """Runs `TrainTask`s and `EvalTask`s as `trax.supervised.training.Loop` does, but for these things.

    - Checkpoints are safetensors files (checkpoint.py), written while training goes on; Trax's are pickles, which run
      code when they are loaded. The one of the best evaluation stays, by `checkpoint_low_metric` or `_high_metric`.
    - A checkpoint holds the random key and this step's metrics, so that a resumed run has the bits of one that was
      never stopped, dropout included.
    - An evaluation's metrics are those of the whole split (evaluator.py); Trax's are means over batches.
    - What is told, and where, is `Progress`'s business, not `print`'s.
    - It trains and evaluates on all devices, of all processes that have joined (training/parallel), with `jit`;
      Trax uses `pmap`, and leaves the gradients of different processes apart. Only the first process writes.
    - Steps between which nothing is to be done run in one call (step/trainer). That takes a task whose `labeled_data`
      has a method `batch` (`Batches`), step -> batch; another's batches are drawn, and its steps run, one by one.
    - A loss that is no number, or infinite, ends training; no checkpoint holds such weights.

    Args (besides Trax's own):
        progress: hears of every step.
        lazy, compute: as of `Trainer`.
        patience: `run` ends after so many evaluations without a better value of the metric that is watched.
        time_limit: `run` ends after so many seconds, those before a resume included; it evaluates once more.
        interrupted: asked between calls whether to end now.

    The last three take a task whose steps run in one call; when `run` ends by them it writes a checkpoint.

    Attributes:
        ended_by: what ended `run`: "steps", "patience", "time" or "interruption".
    """

    def __init__(
        self,
        *args,
        progress: Progress | None = None,
        lazy: bool = False,
        compute: str = "float32",
        patience: int | None = None,
        time_limit: float | None = None,
        interrupted: Callable[[], bool] = lambda: False,
        output_dir: str | None = None,
        random_seed: int | None = None,
        **kwargs,
    ):
        self._devices = Devices()
        if random_seed is None and jax.process_count() > 1:
            raise InputError("Loop: several processes must begin with the same weights; give a random_seed")
        self._progress = progress or Progress()
        self._lazy, self._compute = lazy, compute
        self._patience, self._time_limit, self._interrupted = patience, time_limit, interrupted
        self.ended_by = "steps"
        self._evaluated_at = self._saved_at = -1
        self._means = RunningMeans()
        self._began, self._seconds_before = time.monotonic(), 0.0
        self._keeps = output_dir is not None
        folder = output_dir if is_first() else None
        super().__init__(*args, output_dir=folder, random_seed=random_seed, **kwargs)
        self._saver = Saver(Path(self._output_dir or ""))

    def save_checkpoint(self, basename: str) -> None:
        """Writes a checkpoint of this step; the name that Trax gives it plays no part.

        Trax asks for it before it evaluates: on a step that does both, the checkpoint waits for the metrics.
        """
        if not self._eval_at(self.step) or self._evaluated_at == self.step:
            self._save()
            self._saver.wait()

    def _save(self) -> None:
        if not self._keeps or self._saved_at == self.step:
            return
        self._means.add_up()
        # Copies: the next step takes over the memory of the arrays, while these are being written.
        tensors = {name: np.array(leaf) for name, leaf in named_leaves(self._trained())}
        if not all(np.isfinite(tensor).all() for name, tensor in tensors.items() if name.startswith("weights/")):
            raise DivergedError(self.step, "weights that are not finite")
        best = tuple(best.step for best in self.best)
        facts = Facts(self.step, self.history.to_dict()["_values"], dict(self._means.sums), best, self._seconds())
        if is_first():
            self._saver.save(Checkpoint(facts, tensors))
        self._saved_at = self.step

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began

    @property
    def best(self) -> list[Best]:
        """The best evaluation so far by `checkpoint_low_metric`, and by `checkpoint_high_metric`, if they are given."""
        return best_evaluations(self.history, self._checkpoint_low_metric, self._checkpoint_high_metric)

    def load_best(self) -> None:
        """Goes back to the best evaluation, by the first metric that is watched. Raises InputError if it is lost."""
        if not self.best or self.best[0].step == self.step:
            return
        try:
            self.load_checkpoint(filename=checkpoint_path(Path(), self.best[0].step).name)
        except InputError as error:
            raise InputError(f"the best evaluation is lost ({error}); delete the run's folder to train anew") from error

    def load_checkpoint(self, directory: str | None = None, filename: str | None = None) -> None:
        """Restores a checkpoint of `directory` (the output directory), by default the newest, if there is one.

        Raises:
            InputError: it was written by a run of another model or optimizer; the one of that name is damaged.
        """
        folder = directory or self._output_dir

        def read() -> Checkpoint | None:
            if folder is None:
                return None
            return load_checkpoint(Path(folder, filename)) if filename else newest_checkpoint(Path(folder))

        checkpoint = checkpoint_from_first(read)
        if checkpoint is None:
            return
        trained = with_leaves(self._trained(), checkpoint.tensors)
        if trained is None:
            raise InputError(f"{folder}: its checkpoint is of another model or optimizer; name another folder")
        self._rng = trained["rng"]
        self._model.state, self._eval_model.state = trained["state"], trained["eval_state"]
        self.update_weights_and_state(trained["weights"], trained["state"])
        self._eval_model.weights = self._model.weights
        for trainer, slots in zip(self._trainer_per_task, trained["slots"], strict=True):
            trainer.slots = slots
        facts = checkpoint.facts
        self._step = self._saved_at = facts.step
        self._means, self._seconds_before = RunningMeans(facts.sums), facts.seconds
        self._history = type(self._history).from_dict({"_values": facts.values})
        evaluations = facts.history.get("eval", {}).values()
        self._evaluated_at = max((pairs[-1][0] for pairs in evaluations if pairs), default=-1)

    def run_evals(self, summary_writers=None) -> None:
        """Evaluates every task on all of its `n_eval_batches` batches, then saves the checkpoint that waited for it."""
        self._eval_model.weights, self._eval_model.state = self._model.weights, self._model.state
        trainer = self._trainer_per_task[self._which_task(self._step)]
        trained = trainer.accelerated_model_with_loss
        loss_name = self._tasks[self._which_task(self._step)].loss_name
        writers = summary_writers or [None] * len(self._eval_tasks)
        for task, evaluator, writer in zip(self._eval_tasks, self._evaluator_per_task, writers, strict=True):
            if task is not None:
                found = evaluator.means(task, trained.weights[0], trained.state[0], self.new_rng)
                values = dict(zip(task.metric_names, found, strict=True))
                check_finite(values.get(loss_name, 0.0), self.step, f"a validation {loss_name}")
                self.log_summary(values, writer, "metrics/", "eval")
        self._progress.evaluated(self.step, self.history)
        self._evaluated_at, self._saved_at = self.step, -1
        if self._due(self.step) or self.step in [best.step for best in self.best]:
            self._save()

    def log_summary(self, values, summary_writer, value_prefix, log_prefix, stdout=True) -> None:
        """Records metrics in the history and as TensorBoard events: as plain numbers, which JSON can hold."""
        values = {name: float(value) for name, value in values.items()}
        super().log_summary(values, summary_writer, value_prefix, log_prefix, stdout)

    def run(self, n_steps: int = 1) -> None:
        """Runs `n_steps` more steps, unless it ends before (`ended_by`), and all that is to be done after some of them.

        Raises:
            DivergedError: a loss or a weight isn't finite; the last checkpoint is from before that.
        """
        try:
            if len(self._tasks) > 1 or self._callbacks or not hasattr(self._tasks[0].labeled_data, "batch"):
                super().run(n_steps)
            else:
                self._run_in_stacks(n_steps)
        except Exception:
            self._saver.wait()  # what is being written is sound
            raise
        self._saver.wait()

    def _run_in_stacks(self, n_steps: int) -> None:
        trainer, batch, end = self._trainer_per_task[0], self._tasks[0].labeled_data.batch, self._step + n_steps
        if trainer.reads != (0, 1):
            batch = functools.partial(batch, share=trainer.reads)
        with self._open_summary_writers() as writers, Feed(batch, trainer, self._step, end, self._acts_at) as feed:
            stacks = iter(feed)
            self._since = (time.time(), self._step)
            self.ended_by = "steps"
            while self._step < end and not self._ends(*writers):
                self._run_stack(next(stacks))
                if self._eval_at(self._step):
                    self._evaluate_all(*writers)
                elif self._due(self._step):
                    self._save()
        self._eval_model.weights = self._model.weights

    def _ends(self, *writers) -> bool:
        evaluated = self._evaluated_at == self._step
        late = self._time_limit is not None and self._seconds() >= self._time_limit
        interrupted, late = any_of(self._interrupted(), late)
        if interrupted:
            self.ended_by = "interruption"
        elif self._patience and evaluated and self.best and min(best.since for best in self.best) >= self._patience:
            self.ended_by = "patience"
        elif late and self._step:
            self.ended_by = "time"
            if not evaluated:
                self._evaluate_all(*writers)
        if self.ended_by == "steps":
            return False
        self._save()
        return True

    def _due(self, step: int) -> bool:
        return self._checkpoint_at(step) or self._permanent_checkpoint_at(step)

    def _acts_at(self, step: int) -> bool:
        return self._due(step) or self._eval_at(step)

    def _evaluate_all(self, train_writers, eval_writers) -> None:
        started, first = self._since
        steps, seconds = self._step - first, time.time() - started
        self._log_training_progress(self._tasks[0], 0.0, steps, seconds, {}, train_writers[0])
        self.run_evals(eval_writers)
        self._since = (time.time(), self._step)

    def _run_stack(self, stack) -> None:
        trainer, task = self._trainer_per_task[0], self._tasks[0]
        first = self._step + 1
        rates = [task.learning_rate(step) for step in range(first, first + stack.count)]
        self._rng, keys = trainer.keys(self._rng, stack.count)
        _, stats = trainer.many_steps(stack, keys, first, rates)
        self._means.add(first, stack.count, stats)
        self._step += stack.count
        self._means.add_up(but_newest=CALLS_AHEAD)
        self._progress.stepped(self._step)

    def _init_trainer(self, task):
        batch = task.sample_batch
        model_with_loss = training._model_with_ends(self._model, [task.loss_layer], shapes.signature(batch))
        task.optimizer.tree_init(model_with_loss.weights)
        settings = {"lazy": self._lazy, "devices": self._devices, "compute": self._compute}
        return Trainer(model_with_loss, task.optimizer, batch, **settings)

    def _init_evaluator(self, eval_task):
        model_with_metrics = training._model_with_metrics(self._eval_model, eval_task)
        return Evaluator(model_with_metrics, eval_task.sample_batch, self._devices)

    def _run_one_step(self, task_index, task_changed):
        loss, stats = super()._run_one_step(task_index, task_changed)
        self._means.add(self.step, 1, {name: [value] for name, value in stats.items()})
        self._progress.stepped(self.step)
        return loss, stats

    def _log_training_progress(
        self, task, total_loss, n_steps, elapsed_time, optimizer_metrics, summary_writer
    ) -> None:
        # Trax's own prints a good deal besides, and writes a second copy of the config; its sums, the arguments, leave
        # out the steps before a resume.
        parameters = self._means.means()
        self.log_summary({task.loss_name: parameters["loss"]}, summary_writer, "metrics/", "train")
        parameters["learning_rate"] = task.learning_rate(self.step)
        parameters["steps per second"] = n_steps / elapsed_time
        self.log_summary(parameters, summary_writer, "training/", "train")

    def _log_step(self, msg, stdout=True) -> None:
        """Says nothing: `log_summary` calls this for every number, and `Progress` shows those that matter."""

    def _trained(self) -> dict:
        return {
            "weights": self._model.weights,
            "state": self._model.state,
            "eval_state": self._eval_model.state,
            "slots": [trainer.slots for trainer in self._trainer_per_task],
            "rng": self._rng,
        }
