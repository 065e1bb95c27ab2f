"""Different models of the same inputs, as one layer: they err in different places."""

from collections.abc import Sequence

from sentiment.layers.ensemble import check_members, together
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class Committee(tl.Layer):
    """Trains different classifiers side by side and answers with their mean, as `Ensemble` does with copies of one.

    Each minimises its own loss: where one alone explains the training texts, the others learn from them all the same.

    Maps what the members take to <float32>[batch, n_classes], as `Ensemble` does.

    Args:
        members: inputs -> log-probabilities, each; their state must never change.
        mode: "train", or any other.

    Raises:
        InputError: fewer than two members; a layer of one has a regularizer or a constraint.
    """

    def __init__(self, members: Sequence[tl.Layer], mode: str = "train"):
        super().__init__(n_in=members[0].n_in if members else 1, name=f"Committee_{len(members)}")
        check_members(self.name, members)
        self._members, self._mode = tuple(members), mode
        self._sublayers_to_print = self._members

    @property
    def kinds(self) -> tuple[tl.Layer, ...]:
        """The members' layers."""
        return self._members

    def members(self):
        """Yields the members, with their weights."""
        for member, weights, state in zip(self._members, self.weights, self.state, strict=True):
            member.weights, member.state = weights, state
            yield member

    def init_weights_and_state(self, input_signature) -> None:
        """Draws each member's weights."""
        keys = fastmath.random.split(self.rng, len(self._members))
        drawn = [member.init(input_signature, rng=key) for member, key in zip(self._members, keys, strict=True)]
        self.weights, self.state = (tuple(each) for each in zip(*drawn, strict=True))

    def forward(self, inputs):
        """Returns the log-probabilities."""
        keys = fastmath.random.split(self.rng, len(self._members))
        parts = zip(self._members, self.weights, self.state, keys, strict=True)
        answers = [member.pure_fn(inputs, weights, state, key)[0] for member, weights, state, key in parts]
        return together(np.stack(answers), self._mode)
