"""Trax's Loop, composed of a trainer, an evaluator for each task, and a saver; it resumes to the bit."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import jax

from sentiment.errors import InputError
from sentiment.training.loop.best import Best, best_evaluations
from sentiment.training.loop.checkpoint import Facts, checkpoint_path, read_checkpoint
from sentiment.training.loop.divergence import check_finite
from sentiment.training.loop.endings import Endings
from sentiment.training.loop.evaluator import Evaluator
from sentiment.training.loop.progress import Progress
from sentiment.training.loop.running_means import RunningMeans
from sentiment.training.loop.saver import Saver
from sentiment.training.named_leaves import with_leaves
from sentiment.training.parallel.devices import Devices
from sentiment.training.parallel.processes import is_first
from sentiment.training.step.feed import Feed, batches_of
from sentiment.training.step.stacks import Stack
from sentiment.training.step.trainer import CALLS_AHEAD, Trainer
from sentiment.trax_runtime import shapes, tl, training

_OF_TRAX = {"eval_model", "eval_tasks", "checkpoint_at", "eval_at", "callbacks"}
_OF_TRAX |= {"checkpoint_low_metric", "checkpoint_high_metric"}


class Loop(training.Loop):
    """Runs a `TrainTask` and `EvalTask`s as `trax.supervised.training.Loop` does, but for these things.

    - Checkpoints are safetensors files (checkpoint.py), written while training goes on; Trax's are pickles, which run
      code when they are loaded. The two newest stay, and that of the best evaluation by `checkpoint_low_metric` or
      `checkpoint_high_metric`.
    - A checkpoint holds the random key and its own step's metrics, so that a resumed run has the bits of one that was
      never stopped, dropout included.
    - An evaluation's metrics are those of the whole split (evaluator.py); Trax's are means over batches.
    - `Progress` shows what happens; nothing is printed here.
    - It trains and evaluates on all devices, of all processes that have joined (training/parallel), with `jit`;
      Trax uses `pmap`, and leaves the gradients of different processes apart. Only the first process writes.
    - Steps between which nothing is due run in one call (step/trainer.py).
    - A loss that is infinite or not a number ends training; no checkpoint holds such weights.
    - There is one training task, and no trainer of reversible layers.

    Args:
        model: in training mode. It is initialised unless it has been.
        tasks: one `TrainTask`, alone or in a sequence. Where its `labeled_data` has a method `batch` (`Batches`), that
            gives each step's batch (step, from 0 -> batch), and a resumed run goes on with the batch that comes next.
            Batches of an iterator are drawn in order, some ahead of their step.
        eval_model: the model in evaluation mode; None: `model`.
        eval_tasks: one `EvalTask` or several; None: no evaluations.
        output_dir: folder of checkpoints and TensorBoard events; None: nothing is written.
        checkpoint_at, eval_at: step -> whether to do so after it; None: as the training task says.
        checkpoint_low_metric, checkpoint_high_metric: a metric whose lowest, or highest, value is the best.
        random_seed: of the weights and dropout; None: another each time.
        callbacks: classes like `trax.supervised.callbacks.TrainingStepCallback`; a step with a callback runs alone.
        progress: shows every call of steps and every evaluation; None: nothing is shown.
        lazy, compute, gradient_accumulation_steps: see `Trainer`. Lazy updates take a task whose data has a method
            `batch`.
        patience: `run` ends after so many evaluations without a better value of the metric that is watched.
        time_limit: `run` ends after so many seconds, those before a resume included; it evaluates once more.
        interrupted: asked between calls whether to end now.

    Attributes:
        ended_by: what ended `run`: "steps", "patience", "time" or "interruption". But for the first, it has then
            written a checkpoint.

    Raises:
        InputError: more than one training task; several processes without a seed; as `Trainer` and `load_checkpoint`.
    """

    def __init__(
        self,
        model: tl.Layer,
        tasks: training.TrainTask | Sequence[training.TrainTask],
        *,
        output_dir: str | None = None,
        random_seed: int | None = None,
        progress: Progress | None = None,
        lazy: bool = False,
        compute: Literal["float32", "bfloat16"] = "float32",
        gradient_accumulation_steps: int = 1,
        patience: int | None = None,
        time_limit: float | None = None,
        interrupted: Callable[[], bool] = lambda: False,
        **of_trax: Any,
    ):
        if others := of_trax.keys() - _OF_TRAX:
            raise TypeError(f"Loop: unexpected {', '.join(sorted(others))}")
        if isinstance(tasks, list | tuple) and len(tasks) != 1:
            raise InputError(f"Loop: {len(tasks)} training tasks; give one TrainTask (there may be several EvalTasks)")
        if random_seed is None and jax.process_count() > 1:
            raise InputError("Loop: several processes must begin with the same weights; give a random_seed")
        self._devices = Devices()
        self._new_trainer = partial(
            Trainer,
            lazy=lazy,
            devices=self._devices,
            compute=compute,
            gradient_accumulation_steps=gradient_accumulation_steps,
        )
        self._progress = progress or Progress()
        self._endings = Endings(patience, time_limit, interrupted)
        self._saver = Saver(None if output_dir is None else Path(output_dir))
        self._means = RunningMeans()
        self._evaluated_at, self.ended_by = -1, "steps"
        folder = output_dir if is_first() else None
        super().__init__(model, tasks, output_dir=folder, random_seed=random_seed, **of_trax)

    @property
    def best(self) -> list[Best]:
        """The best evaluation so far by `checkpoint_low_metric`, and by `checkpoint_high_metric`, if they are given."""
        return best_evaluations(self.history, self._checkpoint_low_metric, self._checkpoint_high_metric)

    def run(self, n_steps: int = 1) -> None:
        """Runs `n_steps` more steps, unless it ends before (`ended_by`), with the evaluations and checkpoints due.

        Raises:
            DivergedError: a loss or a weight isn't finite; the last checkpoint is from before that.
        """
        end, self.ended_by = self.step + n_steps, "steps"
        with (
            self._saver.all_written(),
            self._open_summary_writers() as (writers, eval_writers),
            self._feed(end) as feed,
        ):
            stacks = iter(feed)
            began = time.time(), self.step
            while self.step < end and not self._has_ended(eval_writers):
                self._run_stack(next(stacks))
                if self._eval_at(self.step):
                    self._log_training(*began, writers[0])
                    self.run_evals(eval_writers)
                    began = time.time(), self.step
                if self._checkpoint_at(self.step) or self._is_best():
                    self._save()
        self.eval_model.weights = self.model.weights

    def run_evals(self, summary_writers: Sequence[Any] | None = None) -> None:
        """Evaluates every task on all of its `n_eval_batches` batches.

        Raises:
            DivergedError: a validation loss isn't finite.
        """
        self.eval_model.weights, self.eval_model.state = self.model.weights, self.model.state
        trained = self._trainer.accelerated_model_with_loss
        (loss_name,) = (task.loss_name for task in self.tasks)
        writers = summary_writers or [None] * len(self.eval_tasks)
        for task, evaluator, writer in zip(self.eval_tasks, self._evaluator_per_task, writers, strict=True):
            found = evaluator.means(task, trained.weights[0], trained.state[0], self.new_rng)
            values = dict(zip(task.metric_names, found, strict=True))
            check_finite(values.get(loss_name, 0.0), self.step, f"a validation {loss_name}")
            self.log_summary(values, writer, "metrics/", "eval")
        self._evaluated_at = self.step
        self._progress.evaluated(self.step, self.history)

    def run_missing_evals(self) -> None:
        """Evaluates the present step, unless that is done: an interruption comes between two evaluations."""
        if self._evaluated_at != self.step:
            self.run_evals()

    def log_summary(self, values, summary_writer, value_prefix, log_prefix, stdout=True) -> None:
        """Records metrics in the history and as TensorBoard events: as plain numbers, which JSON can hold."""
        values = {name: float(value) for name, value in values.items()}
        super().log_summary(values, summary_writer, value_prefix, log_prefix, stdout)

    def save_checkpoint(self, basename: str = "model") -> None:
        """Writes a checkpoint of this step, named after the step: `basename`, which Trax names it by, plays no part.

        Raises:
            DivergedError: a weight isn't finite.
            OSError: it can't be written.
        """
        del basename
        with self._saver.all_written():
            self._save()

    def load_checkpoint(self, directory: str | None = None, filename: str | None = None) -> None:
        """Restores a checkpoint of `directory` (the output directory), by default the newest, if there is one.

        Raises:
            InputError: it was written by a run of another model or optimizer, or it can't be read.
        """
        folder = directory or self.output_dir
        checkpoint = read_checkpoint(folder and Path(folder), filename)
        if checkpoint is None:
            return
        trained = with_leaves(self._trained(), checkpoint.tensors)
        if trained is None:
            raise InputError(f"{folder}: its checkpoint is of another model or optimizer; name another folder")
        self._rng = trained["rng"]
        self.model.state, self.eval_model.state = trained["state"], trained["eval_state"]
        self.update_weights_and_state(trained["weights"], trained["state"])
        self.eval_model.weights = self.model.weights
        (self._trainer.slots,) = trained["slots"]
        facts = checkpoint.facts
        self._step, self._evaluated_at = facts.step, facts.evaluated_at
        self._history = type(self.history).from_dict({"_values": facts.values})
        self._means = RunningMeans(facts.sums)
        self._endings.seconds_before = facts.seconds
        self._saver.resumed_from(facts)

    def load_best(self) -> None:
        """Goes back to the best evaluation, by the first metric that is watched. Raises InputError if it is lost."""
        if not self.best or self.best[0].step == self.step:
            return
        try:
            self.load_checkpoint(filename=checkpoint_path(Path(), self.best[0].step).name)
        except InputError as error:
            raise InputError(f"the best evaluation is lost ({error}); delete the run's folder to train anew") from error

    @property
    def _trainer(self) -> Trainer:
        return self._trainer_per_task[0]

    def _feed(self, end: int) -> Feed:
        (task,) = self.tasks
        return Feed(batches_of(task, self._trainer), self._trainer, self.step, end, self._acts_at)

    def _acts_at(self, step: int) -> bool:
        called = any(callback.call_at(each) for callback in self._callbacks for each in (step, step + 1))
        return called or self._checkpoint_at(step) or self._eval_at(step)

    def _is_best(self) -> bool:
        return self._evaluated_at == self.step and self.step in [best.step for best in self.best]

    def _run_stack(self, stack: Stack) -> None:
        (task,) = self.tasks
        first = self.step + 1
        callbacks = [callback for callback in self._callbacks if callback.call_at(first)]
        for callback in callbacks:
            callback.on_step_begin(first)
        rates = [task.learning_rate(step) for step in range(first, first + stack.count)]
        if all(rate is rates[0] for rate in rates):  # without a schedule one array, which is slow to read
            rates = [float(rates[0])] * len(rates)
        self._rng, keys = self._trainer.keys(self._rng, stack.count)
        _, stats = self._trainer.many_steps(stack, keys, first, rates)
        self._means.add(first, stack.count, stats)
        self._step += stack.count
        self._means.add_up(but_newest=CALLS_AHEAD)
        for callback in callbacks:
            callback.on_step_end(first)
        self._progress.stepped(self.step)

    def _has_ended(self, eval_writers: Sequence[Any]) -> bool:
        evaluated = self._evaluated_at == self.step
        reason = self._endings.reason(self.step, self.best if evaluated else [])
        if reason is None:
            return False
        if reason == "time" and not evaluated:
            self.run_evals(eval_writers)
        self.ended_by = reason
        self._save()
        return True

    def _log_training(self, began: float, first: int, writer: Any) -> None:
        (task,) = self.tasks
        means = self._means.means()
        self.log_summary({task.loss_name: means["loss"]}, writer, "metrics/", "train")
        means["learning_rate"] = task.learning_rate(self.step)
        means["steps per second"] = (self.step - first) / (time.time() - began)
        self.log_summary(means, writer, "training/", "train")

    def _save(self) -> None:
        self._means.add_up()
        best = tuple(best.step for best in self.best)
        history = self.history.to_dict()["_values"]
        facts = Facts(self.step, history, dict(self._means.sums), best, self._endings.seconds())
        self._saver.save(self._trained(), facts)

    def _trained(self) -> dict[str, Any]:
        return {
            "weights": self.model.weights,
            "state": self.model.state,
            "eval_state": self.eval_model.state,
            "slots": [self._trainer.slots],
            "rng": self._rng,
        }

    def _init_trainer(self, task: training.TrainTask) -> Trainer:
        # Trax's constructor calls this, and `_init_evaluator`.
        batch = task.sample_batch
        model_with_loss = training._model_with_ends(self._model, [task.loss_layer], shapes.signature(batch))
        task.optimizer.tree_init(model_with_loss.weights)
        return self._new_trainer(model_with_loss, task.optimizer, batch)

    def _init_evaluator(self, eval_task: training.EvalTask) -> Evaluator:
        model_with_metrics = training._model_with_metrics(self._eval_model, eval_task)
        return Evaluator(model_with_metrics, eval_task.sample_batch, self._devices)

    def _log_step(self, msg: str, stdout: bool = True) -> None:
        """Says nothing: `log_summary` calls this for every number, and `Progress` shows those that matter."""
