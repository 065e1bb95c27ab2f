"""AdamW: Adam whose weight decay goes by the learning rate, and leaves biases and norms alone."""

from sentiment.trax_runtime import fastmath, optimizers

np = fastmath.numpy


class AdamW(optimizers.base.Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019).

    A matrix loses `learning_rate * weight_decay` of itself a step; vectors and scalars (biases, the scales of norms)
    aren't decayed. Trax's own Adam takes `weight_decay_rate` of everything, whatever the learning rate.
    """

    def __init__(
        self,
        learning_rate: float = 5e-5,
        weight_decay: float = 0.01,
        b1: float = 0.9,
        b2: float = 0.999,
        eps: float = 1e-8,
        clip_grad_norm: float | None = None,
    ):
        super().__init__(
            learning_rate=learning_rate, weight_decay=weight_decay, b1=b1, b2=b2, eps=eps, clip_grad_norm=clip_grad_norm
        )

    def init(self, weights):
        """Returns the moments, zero."""
        return np.zeros_like(weights), np.zeros_like(weights)

    def update(self, step, grads, weights, slots, opt_params):
        """Returns (weights, moments); `step` counts from 1."""
        first, second = slots
        rate, b1, b2 = (opt_params[name] for name in ("learning_rate", "b1", "b2"))
        first = b1 * first + (1 - b1) * grads
        second = b2 * second + (1 - b2) * np.square(grads)
        step = np.maximum(step, 1)
        change = first / (1 - b1**step) / (np.sqrt(second / (1 - b2**step)) + opt_params["eps"])
        if weights.ndim > 1:
            change = change + opt_params["weight_decay"] * weights
        return (weights - rate * change).astype(weights.dtype), (first, second)
