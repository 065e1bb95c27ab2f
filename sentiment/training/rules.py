"""A model's regularizers and constraints (layers/rules.py) in Trax's training step."""

from sentiment.layers.rules import constrained, has_rules, penalty
from sentiment.trax_runtime import optimizers, tl


def with_rules(trainer: optimizers.Trainer) -> optimizers.Trainer:
    """Returns a trainer that also heeds the rules of the model that `trainer` trains; itself, if there are none.

    The loss then includes the regularizers' penalty, whose share of it is reported as "penalty" among the optimizer's
    statistics, and every constraint holds after each step.
    """
    if not has_rules(trainer.model_with_loss):
        return trainer
    model_with_loss = _Penalised(*trainer.model_with_loss.sublayers)
    return optimizers.Trainer(model_with_loss, _Constraining(trainer.optimizer, model_with_loss))


class _Penalised(tl.Serial):
    """A model and its loss, to which the penalty of the model's weights is added."""

    def forward(self, xs):
        return super().forward(xs) + penalty(self, self.weights)


class _Constraining:
    """What Trax's Trainer asks of an optimizer, where each update ends with the constraints of a layer."""

    def __init__(self, optimizer: optimizers.base.Optimizer, layer: tl.Layer):
        self._optimizer = optimizer
        self._layer = layer

    @property
    def opt_params(self):
        """The optimizer's."""
        return self._optimizer.opt_params

    @property
    def slots(self):
        """The optimizer's."""
        return self._optimizer.slots

    @slots.setter
    def slots(self, slots):
        self._optimizer.slots = slots

    def tree_update(self, step, grad_tree, weight_tree, slots, opt_params, store_slots=True):
        """Returns (weights, slots, statistics) as `Optimizer.tree_update` does."""
        weights, slots, stats = self._optimizer.tree_update(
            step, grad_tree, weight_tree, slots, opt_params, store_slots=store_slots
        )
        # Of the weights before the update: the loss that Trax reports for this step was computed with them.
        stats["penalty"] = penalty(self._layer, weight_tree)
        return constrained(self._layer, weights), slots, stats
