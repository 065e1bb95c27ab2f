"""A negated word is its opposite: a rated word is turned round as a whole, and its negation is spent by that."""

from sentiment.errors import InputError
from sentiment.layers.masking import MaskRule, declare
from sentiment.layers.reach import ahead, in_reach
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


def opposite(ratings):
    """Returns ratings turned round, <float32>[..., 3]: each is a rating, its positive and its negative part."""
    valence, positive, negative = np.split(ratings, 3, axis=-1)
    return np.concatenate([-valence, negative, positive], axis=-1)


class Opposites(tl.Layer):
    """Turns rated words within reach of a negation into their opposites: "not a bad day" is read as a good one.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, d + 1 + n_scores],
    mask). In reach are the `reach` tokens after a negation, as far as its clause goes. Scores in -1..1, tanh(vector W),
    are learned and added to each vector; in reach they change their sign. A word in reach that is rated keeps of its
    vector the rating, turned round, and its scores; a negation that has such a word in reach keeps nothing. So a model
    tells "not bad" from "good" only by what W makes of both, and what negations by themselves say of a text ("can't
    sleep") isn't held against a negated bad word. Other words in reach stay, with a 1 added where all else has 0. What
    lexicons rate a negation is left out: it says what others are.

    Args:
        flag: number of the value that is 1 where a token is a negation, and -1 where it ends a clause.
        valence: number of the first of three values: the token's rating, its positive and its negative part.
        n_scores: how many scores are learned.
        reach: how far a negation reaches.

    Raises:
        InputError: n_scores or reach is below 1.
    """

    RATED = 0.5  # a rating of 1, of at most 4: words below it say little

    def __init__(self, flag: int, valence: int, n_scores: int = 16, reach: int = 4):
        super().__init__(n_in=2, n_out=2, name=f"Opposites_{n_scores}")
        if min(n_scores, reach) < 1:
            raise InputError(f"{self.name}: n_scores {n_scores} and reach {reach} must be 1 or more")
        self._flag, self._valence, self._n_scores, self._reach = flag, valence, n_scores, reach
        declare(self, MaskRule.KEEPS)

    @property
    def flag(self) -> int:
        """Number of the value that marks negations."""
        return self._flag

    @property
    def valence(self) -> int:
        """Number of the rating."""
        return self._valence

    @property
    def reach(self) -> int:
        """How far a negation reaches."""
        return self._reach

    def init_weights_and_state(self, input_signature) -> None:
        """Draws W."""
        self.weights = tl.GlorotUniformInitializer()((input_signature[0].shape[-1] + 1, self._n_scores), self.rng)

    def forward(self, inputs):
        """Returns (vectors, mask)."""
        vectors, mask = inputs
        vectors = vectors * mask[:, :, None]
        flags = vectors[:, :, self.flag]
        negates = np.maximum(flags, 0)
        rated = (np.abs(vectors[:, :, self.valence]) > self.RATED) * (1 - negates)
        reached = in_reach(flags, self.reach)
        spent = negates * ahead(rated, flags, self.reach)
        vectors = self._without_ratings(vectors, negates[:, :, None]) * (1 - spent)[:, :, None]
        plain = (reached * (1 - rated))[:, :, None]
        scores = np.tanh(np.dot(np.concatenate([vectors, plain], axis=-1), self.weights))
        scores = scores * (1 - 2 * reached)[:, :, None]
        vectors = self._turned(vectors, reached[:, :, None], (1 - reached * rated)[:, :, None])
        return np.concatenate([vectors, plain, scores], axis=-1), mask

    def _without_ratings(self, vectors, negates):
        before, ratings, after = np.split(vectors, (self.valence, self.valence + 3), axis=-1)
        return np.concatenate([before, ratings * (1 - negates), after], axis=-1)

    def _turned(self, vectors, reached, kept):
        before, ratings, after = np.split(vectors, (self.valence, self.valence + 3), axis=-1)
        turned = np.where(reached > 0, opposite(ratings), ratings)
        return np.concatenate([before * kept, turned, after * kept], axis=-1)
