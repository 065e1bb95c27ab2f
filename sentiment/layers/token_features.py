"""Token ids -> what is known of each token and what is learned of it; and what a negation before it changes."""

import numpy

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers.lookup import look_up
from sentiment.layers.masking import MaskRule, declare
from sentiment.layers.opposites import opposite
from sentiment.layers.reach import in_reach, in_reach_of_any
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class WordDropout(tl.Layer):
    """Puts `Vocabulary.UNKNOWN` in the place of a share of the tokens while training (Iyyer et al. 2015).

    Maps ids <int32>[batch, length] to ids of the same shape. A model that must do without a word now and then relies
    on several, and learns what to make of words that it doesn't know.

    Args:
        rate: the share, 0 to 1; padding stays.
        mode: "train" drops words; any other does not.

    Raises:
        InputError: the rate is out of range.
    """

    def __init__(self, rate: float, mode: str = "train"):
        if not 0 <= rate < 1:
            raise InputError(f"WordDropout: rate {rate}: must be 0 or more, and less than 1")
        super().__init__(name=f"WordDropout_{rate}")
        self._rate = rate if mode == "train" else 0.0

    def forward(self, ids):
        """Returns the ids, some of them replaced."""
        if not self._rate:
            return ids
        dropped = fastmath.random.uniform(self.rng, ids.shape) < self._rate
        return np.where(dropped & (ids != Vocabulary.PAD), Vocabulary.UNKNOWN, ids)


class KnownAndLearned(tl.Layer):
    """Looks up fixed features of each token, and beside them a vector that training moves.

    Maps ids <int32>[batch, length] to (vectors <float32>[batch, length, d_known + d_learned], mask <bool>[batch,
    length]). Ids from `n_learned` on, words that training hardly ever saw, share the learned vector of
    `Vocabulary.UNKNOWN`; only their fixed features tell them apart. The fixed features are Trax's state, in
    half precision: 100,000 words with 50 values take 10 MB.

    Args:
        known: <float>[vocabulary size, d_known] the fixed features.
        n_learned: how many ids have a learned vector of their own.
        d_learned: size of a learned vector; all begin with small random values.

    Raises:
        InputError: fewer than the special entries or less than one value are learned.
    """

    def __init__(self, known: numpy.ndarray, n_learned: int, d_learned: int):
        size, d_known = known.shape
        super().__init__(n_out=2, name=f"KnownAndLearned_{size}_{d_known}_{d_learned}")
        if n_learned < len(Vocabulary.SPECIAL) or d_learned < 1:
            raise InputError(f"{self.name}: n_learned {n_learned} must be 3 or more, d_learned {d_learned} 1 or more")
        self._known = known
        self._shape = (min(n_learned, size), d_learned)
        declare(self, MaskRule.MAKES)

    @property
    def known(self) -> numpy.ndarray:
        """The fixed features, as they were given."""
        return self._known

    def init_weights_and_state(self, input_signature) -> None:
        """Takes the fixed features; draws the learned vectors."""
        del input_signature
        self.weights = tl.RandomNormalInitializer(0.05)(self._shape, self.rng)
        self.state = np.asarray(self._known, np.float16)

    def forward(self, ids):
        """Returns (vectors, mask)."""
        known = np.take(self.state, ids, axis=0, mode="clip").astype(np.float32)
        own = np.where(ids < self._shape[0], ids, Vocabulary.UNKNOWN)
        learned = look_up(self.weights, own)
        return np.concatenate([known, learned], axis=-1), ids != Vocabulary.PAD


class Negation(tl.Layer):
    """Turns round what is said within reach of a negation: the tokens' valences, and scores that are learned.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, d + 1 + n_scores],
    mask). In reach are the `reach` tokens after a negation. Added to each vector are 1 in reach, else 0; and scores in
    -1..1, tanh(vector W), which in reach are multiplied by -t. The strength t is learned and begins at 0.5, so that a
    model negates also words that no training text negates.

    Args:
        flag: number of the value that is 1 where a token is a negation, and -1 where it ends a clause, at which no
            negation's reach goes on.
        valence: number of the first of three values: the token's valence, its positive and its negative part. In reach
            the valence changes its sign and the parts their places, times 0.74 as in VADER (Hutto and Gilbert 2014,
            who found it by experiment). None: there are none.
        n_scores: how many scores are learned.
        reach: how far a negation reaches.
        clauses: whether there are ends of clauses.

    Raises:
        InputError: n_scores or reach is below 1.
    """

    DAMPING = 0.74

    def __init__(
        self, flag: int, valence: int | None = None, n_scores: int = 16, reach: int = 4, clauses: bool = False
    ):
        super().__init__(n_in=2, n_out=2, name=f"Negation_{n_scores}")
        if min(n_scores, reach) < 1:
            raise InputError(f"{self.name}: n_scores {n_scores} and reach {reach} must be 1 or more")
        self._flag, self._valence, self._n_scores, self._reach = flag, valence, n_scores, reach
        self._clauses = clauses
        declare(self, MaskRule.KEEPS)

    @property
    def flag(self) -> int:
        """Number of the value that marks negations."""
        return self._flag

    @property
    def valence(self) -> int | None:
        """Number of the valence."""
        return self._valence

    @property
    def clauses(self) -> bool:
        """Whether there are ends of clauses."""
        return self._clauses

    @property
    def reach(self) -> int:
        """How far a negation reaches."""
        return self._reach

    def init_weights_and_state(self, input_signature) -> None:
        """Draws W; the strength begins at 0.5."""
        d = input_signature[0].shape[-1] + 1
        self.weights = (tl.GlorotUniformInitializer()((d, self._n_scores), self.rng), np.full((), 0.5))

    def forward(self, inputs):
        """Returns (vectors, mask)."""
        vectors, mask = inputs
        w, strength = self.weights
        vectors = vectors * mask[:, :, None]
        found = in_reach if self.clauses else in_reach_of_any
        reached = found(vectors[:, :, self.flag], self.reach)[:, :, None]
        if self.valence is not None:
            vectors = self._turned(vectors, reached, self.valence)
        vectors = np.concatenate([vectors, reached], axis=-1)
        scores = np.tanh(np.dot(vectors, w)) * (1 - (1 + strength) * reached)
        return np.concatenate([vectors, scores], axis=-1), mask

    def _turned(self, vectors, reached, first: int):
        end = first + 3
        valences = vectors[:, :, first:end]
        valences = np.where(reached > 0, self.DAMPING * opposite(valences), valences)
        return np.concatenate([vectors[:, :, :first], valences, vectors[:, :, end:]], axis=-1)
