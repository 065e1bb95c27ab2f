"""Several classifiers over one set of features, of which each sees a share: an ensemble for the price of one model."""

from sentiment.errors import InputError
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class Committee(tl.Layer):
    """A dense softmax layer for each member; the answer is the normalised geometric mean of theirs.

    Maps features <float32>[batch, d] to log-probabilities <float32>[batch, n_classes]. Member k of m sees the features
    k, k + m, k + 2 m, ... so that each has its share of every width of `Convolutions`. While training the mean isn't
    normalised: its cross-entropy is the mean of the members' own, so that each learns to answer alone.

    Args:
        n_classes: number of log-probabilities.
        members: how many; d must be a multiple of it.
        mode: "train" leaves the mean as it is; any other normalises it.

    Raises:
        InputError: members is below 1, or, when weights are drawn, d is no multiple of it.
    """

    def __init__(self, n_classes: int, members: int = 4, mode: str = "train"):
        super().__init__(name=f"Committee_{members}_{n_classes}")
        if members < 1:
            raise InputError(f"{self.name}: members {members} must be 1 or more")
        self._n_classes, self._members, self._normalises = n_classes, members, mode != "train"

    def init_weights_and_state(self, input_signature) -> None:
        """Draws a matrix <float32>[d / members, n_classes] for each member; the biases begin at zero."""
        d = input_signature.shape[-1]
        if d % self._members:
            raise InputError(f"{self.name}: {d} features can't be shared equally by {self._members} members")
        shape = (d // self._members, self._n_classes)
        keys = fastmath.random.split(self.rng, self._members)
        w = np.stack([tl.GlorotUniformInitializer()(shape, key) for key in keys])
        self.weights = (w, np.zeros((self._members, 1, self._n_classes)))

    def forward(self, features):
        """Returns log-probabilities."""
        w, b = self.weights
        shares = np.transpose(np.reshape(features, (len(features), -1, self._members)), (2, 0, 1))
        logits = np.matmul(shares, w) + b
        answer = np.mean(tl.log_softmax(logits), axis=0)
        return tl.log_softmax(answer) if self._normalises else answer
