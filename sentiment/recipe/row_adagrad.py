"""Adagrad with one accumulator a row: a table's optimizer state is one number a token, not one or two a weight."""

from sentiment.trax_runtime import fastmath, optimizers

np = fastmath.numpy


class RowAdagrad(optimizers.base.Optimizer):
    """Row-wise Adagrad: FBGEMM's `exact_row_wise_adagrad`, after Duchi et al. 2011.

    Each row of a matrix has an accumulator, <float32>[n_rows], of the mean square of its gradients; its step is
    learning_rate * gradient / (sqrt(accumulator) + eps). Each number of a vector or scalar has its own accumulator.
    A row without a gradient stays as it is: lazy updates are the same as exact ones.
    """

    def __init__(self, learning_rate: float = 0.1, eps: float = 1e-8, clip_grad_norm: float | None = None):
        super().__init__(learning_rate=learning_rate, eps=eps, clip_grad_norm=clip_grad_norm)

    def init(self, weights):
        """Returns the accumulators, zero."""
        return np.zeros(weights.shape[:1], weights.dtype)

    def update(self, step, grads, weights, slots, opt_params):
        """Returns (weights, accumulators)."""
        del step
        squares = np.square(grads)
        slots = slots + np.mean(squares, axis=tuple(range(1, squares.ndim)))
        steps = opt_params["learning_rate"] / (np.sqrt(slots) + opt_params["eps"])
        steps = np.reshape(steps, steps.shape + (1,) * (squares.ndim - steps.ndim))
        return weights - (steps * grads).astype(weights.dtype), slots
