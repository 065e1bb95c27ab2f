"""Trax's Loop, with safe checkpoints, metrics over whole splits, and resuming to the bit."""

import collections
import time
from pathlib import Path

import numpy as np

from sentiment.errors import InputError
from sentiment.training.checkpoint import Checkpoint, newest_checkpoint
from sentiment.training.feed import Feed
from sentiment.training.progress import Progress
from sentiment.training.trainer import Trainer
from sentiment.trax_runtime import shapes, training
from sentiment.trees import named_leaves, with_leaves


class Loop(training.Loop):
    """Runs `TrainTask`s and `EvalTask`s as `trax.supervised.training.Loop` does, but for five things.

    - Checkpoints are safetensors files (checkpoint.py); Trax's are pickles, which run code when they are loaded.
    - A checkpoint holds the random key and this step's metrics, so that a resumed run has the bits of one that was
      never stopped, dropout included.
    - An evaluation's result is weighted by what each batch holds: Trax averages over batches, so that the examples
      of a short last batch count for more.
    - What is told, and where, is `Progress`'s business, not `print`'s.
    - Steps between which nothing is to be done run in one call (trainer.py). That takes a task whose `labeled_data`
      has a method `batch` (`Batches`), step -> batch; another's batches are drawn, and its steps run, one by one.
    """

    def __init__(self, *args, progress: Progress | None = None, lazy: bool = False, **kwargs):
        self._progress = progress or Progress()
        self._lazy = lazy
        self._evaluated_at = -1
        self._sums: dict[str, float] = {}
        # (steps, statistics) of the newest steps: read only when needed, so that no step waits for it.
        self._measured: list[tuple] = []
        super().__init__(*args, **kwargs)

    def save_checkpoint(self, basename: str) -> None:
        """Writes a checkpoint of this step; the name that Trax gives it plays no part.

        Trax asks for it before it evaluates: on a step that does both, the checkpoint waits for the metrics.
        """
        if self._output_dir is None or not self.is_chief:
            return
        if self._eval_at(self.step) and self._evaluated_at != self.step:
            return
        tensors = {name: np.asarray(leaf) for name, leaf in named_leaves(self._trained())}
        history = self.history.to_dict()["_values"]
        Checkpoint(self.step, tensors, history, self._summed()).save(Path(self._output_dir))

    def load_checkpoint(self, directory: str | None = None, filename: str | None = None) -> None:
        """Restores the newest checkpoint of `directory` (the output directory), if there is one.

        Raises:
            InputError: it was written by a run of another model or optimizer.
        """
        folder = directory or self._output_dir
        checkpoint = newest_checkpoint(Path(folder)) if folder is not None else None
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
        self._step = checkpoint.step
        self._sums = checkpoint.sums
        self._history = type(self._history).from_dict({"_values": _with_defaults(checkpoint.history)})

    def run_evals(self, summary_writers=None) -> None:
        """Evaluates every task on all of its `n_eval_batches` batches, then saves the checkpoint that waited for it."""
        self._eval_model.weights, self._eval_model.state = self._model.weights, self._model.state
        trainer = self._trainer_per_task[self._which_task(self._step)]
        trained = trainer.accelerated_model_with_loss
        writers = summary_writers or [None] * len(self._eval_tasks)
        for task, evaluator, writer in zip(self._eval_tasks, self._evaluator_per_task, writers, strict=True):
            if task is not None:
                weights = (trained.weights[0], evaluator.weights)
                state = (trained.state[0], evaluator.state)
                values = self._evaluate(task, evaluator.metrics_fn, weights, state)
                self.log_summary(dict(zip(task.metric_names, values, strict=True)), writer, "metrics/", "eval")
        self._progress.evaluated(self.step, self.history)
        self._evaluated_at = self.step
        if self._checkpoint_at(self.step):
            self.save_checkpoint("model")

    def _evaluate(self, task, metrics_fn, weights, state) -> list[float]:
        sums, total = np.zeros(len(task.metrics)), 0.0
        for _ in range(task.n_eval_batches):
            batch = task.next_batch()
            values, _ = metrics_fn(batch, weights, state, self.new_rng())
            held = float(np.sum(batch[-1]))  # each metric is a mean over the batch, weighted by its last entry
            sums += np.asarray(values, np.float64) * held
            total += held
        return (sums / total).tolist()

    def log_summary(self, values, summary_writer, value_prefix, log_prefix, stdout=True) -> None:
        """Records metrics in the history and as TensorBoard events: as plain numbers, which JSON can hold."""
        values = {name: float(value) for name, value in values.items()}
        super().log_summary(values, summary_writer, value_prefix, log_prefix, stdout)

    def run(self, n_steps: int = 1) -> None:
        """Runs `n_steps` more steps, and all that is to be done after some of them."""
        best = self._checkpoint_low_metric or self._checkpoint_high_metric
        if len(self._tasks) > 1 or self._callbacks or best or not hasattr(self._tasks[0].labeled_data, "batch"):
            super().run(n_steps)
            return
        steps = self._step, self._step + n_steps
        with (
            self._open_summary_writers() as writers,
            Feed(self._tasks[0].labeled_data.batch, self._trainer_per_task[0], *steps, self._acts_at) as feed,
        ):
            self._since = (time.time(), self._step)
            for stack in feed:
                self._run_stack(stack)
                if self._acts_at(self._step):
                    self._act(*writers)
        self._eval_model.weights = self._model.weights

    def _acts_at(self, step: int) -> bool:
        return self._checkpoint_at(step) or self._permanent_checkpoint_at(step) or self._eval_at(step)

    def _act(self, train_writers, eval_writers) -> None:
        if self._checkpoint_at(self._step) or self._permanent_checkpoint_at(self._step):
            self.save_checkpoint("model")
        if self._eval_at(self._step):
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
        self._measured.append((stack.count, stats))
        self._step += stack.count
        self._progress.stepped(self._step)

    def _init_trainer(self, task):
        batch = task.sample_batch
        model_with_loss = training._model_with_ends(self._model, [task.loss_layer], shapes.signature(batch))
        task.optimizer.tree_init(model_with_loss.weights)
        return Trainer(model_with_loss, task.optimizer, batch, lazy=self._lazy)

    def _run_one_step(self, task_index, task_changed):
        loss, stats = super()._run_one_step(task_index, task_changed)
        self._measured.append((1, {name: [value] for name, value in stats.items()}))
        self._progress.stepped(self.step)
        return loss, stats

    def _summed(self) -> dict[str, float]:
        for count, stats in self._measured:
            self._sums["steps"] = self._sums.get("steps", 0.0) + count
            for name, values in stats.items():
                for value in np.asarray(values)[:count].tolist():
                    self._sums[name] = self._sums.get(name, 0.0) + value
        self._measured = []
        return self._sums

    def _log_training_progress(
        self, task, total_loss, n_steps, elapsed_time, optimizer_metrics, summary_writer
    ) -> None:
        # Trax's own prints a good deal besides, and writes a second copy of the config; its sums, the arguments, leave
        # out the steps before a resume.
        sums, self._sums = self._summed(), {}
        steps = sums.pop("steps")
        parameters = {name: value / steps for name, value in sums.items()}
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


def _with_defaults(values: dict) -> dict:
    # JSON turned Trax's defaultdicts into dicts and its (step, value) pairs into lists.
    return {
        mode: collections.defaultdict(list, {name: [tuple(pair) for pair in pairs] for name, pairs in metrics.items()})
        for mode, metrics in values.items()
    }
