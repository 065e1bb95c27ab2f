"""Several models of one kind that begin differently, as one layer: their mean errs less than each of them."""

from collections.abc import Sequence

import jax

from sentiment.errors import InputError
from sentiment.layers.rules import has_rules
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class Ensemble(tl.Layer):
    """Trains several copies of a classifier side by side and answers with their mean (Lakshminarayanan et al. 2017).

    Each copy begins with weights of its own, draws dropout of its own and minimises its own loss; all see the same
    batches. What they answer together is the softmax of their mean log-probabilities. The layers' state, such as frozen
    vectors, exists once.

    Maps what the member takes to <float32>[batch, n_classes]: log-probabilities; in training their mean over the
    members, of which the cross-entropy is the mean of the members' own.

    Args:
        member: inputs -> log-probabilities; its state must never change.
        n_members: how many copies.
        mode: "train", or any other.

    Raises:
        InputError: n_members is below 2; a layer of the member has a regularizer or a constraint.
    """

    def __init__(self, member: tl.Layer, n_members: int, mode: str = "train"):
        super().__init__(n_in=member.n_in, name=f"Ensemble_{n_members}")
        check_members(self.name, [member] * n_members)
        self._member, self._n_members, self._mode = member, n_members, mode
        self._sublayers_to_print = (member,)

    @property
    def kinds(self) -> tuple[tl.Layer, ...]:
        """The layers of which there are several copies."""
        return (self._member,)

    def members(self):
        """Yields the members: one layer, with the weights of one after the other."""
        for number in range(self._n_members):
            self._member.weights = jax.tree_util.tree_map(lambda stacked, n=number: stacked[n], self.weights)
            self._member.state = self.state
            yield self._member

    def init_weights_and_state(self, input_signature) -> None:
        """Draws the weights of each member; every tensor has the members as its first axis."""
        keys = fastmath.random.split(self.rng, self._n_members)
        drawn = [self._member.init(input_signature, rng=key) for key in keys]
        self.weights = jax.tree_util.tree_map(lambda *each: np.stack(each), *(weights for weights, _ in drawn))
        self.state = drawn[0][1]

    def forward(self, inputs):
        """Returns the log-probabilities."""
        state, keys = self.state, fastmath.random.split(self.rng, self._n_members)
        answer = lambda weights, key: self._member.pure_fn(inputs, weights, state, key)[0]  # noqa: E731
        return together(jax.vmap(answer)(self.weights, keys), self._mode)


def check_members(name: str, members: Sequence[tl.Layer]) -> None:
    """Raises InputError, with the name, if there are fewer than two members or one has a rule of its own."""
    if len(members) < 2:
        raise InputError(f"{name}: there must be 2 members or more")
    if any(map(has_rules, members)):
        raise InputError(f"{name}: regularizers and constraints don't reach its members; leave them out")


def together(answers, mode: str):
    """Returns what several classifiers answer as one, <float32>[batch, n_classes].

    Args:
        answers: <float32>[n_members, batch, n_classes], their log-probabilities; or [n_members, batch, n_classes, 2] of
            `layers.EachClass`, and so is what they answer together.
        mode: "train" gives the mean, any other the logarithm of its softmax.
    """
    mean = np.mean(answers, axis=0)
    if mode != "train":
        return jax.nn.log_softmax(mean)
    # As large a gradient for each member as if it were alone: Adam's epsilon would damp a smaller one.
    return mean + (len(answers) - 1) * (mean - jax.lax.stop_gradient(mean))
