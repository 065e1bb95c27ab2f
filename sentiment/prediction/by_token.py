"""The answers for many texts in two steps: what a model makes of a token by itself is computed once for all of them.

Of 4,000 tweets' tokens a tenth differ, and what a model makes of each is most of its work (`export.by_token`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.prediction.onnx_model import IDS, OnnxModel
from sentiment.text.slices import sums

PART, REACHES = "part_", "reaches"  # outputs of the first step, which the whole model gives; the first with a number
PLACES = "places"  # input of the second step, <int32>[batch, length], beside the parts
_RECURRING = 3  # times that a token stands there on average: below that, two steps take longer than one


@dataclass(frozen=True, eq=False)
class FirstStep:
    """What is known of texts after the first step.

    Attributes:
        texts: each token as its place among those that were computed.
        parts: by their names, <float32>[n_tokens, n]; the first row is of padding.
        fit: <bool>[n_texts] which of the texts the second step can answer.
    """

    texts: Ragged
    parts: dict[str, np.ndarray]
    fit: np.ndarray


class ByToken:
    """A model in two steps; any number of threads may ask it.

    Args:
        model: the whole one.
        pooling: what `export.pooling_to_onnx` made of the same.
        at_once: how many ids: what is computed for them stays in a core's cache.

    Raises:
        InputError: they aren't of one run.
    """

    def __init__(self, model: OnnxModel, pooling: OnnxModel, at_once: int):
        self._model, self._pooling, self._at_once = model, pooling, at_once
        self._sizes = {name: (model.outputs.get(name) or (0,))[-1] for name in pooling.inputs if name != PLACES}
        if not all(self._sizes.values()) or not pooling.outputs.items() <= model.outputs.items():
            raise pooling.refused("no second step of the model beside it, so of another run")
        self._reaching = np.empty(0, np.int32)  # the tokens that are known to change others

    def begin(self, texts: Ragged) -> FirstStep | None:
        """Computes the first step; None where it doesn't pay. Raises InputError where model and pooling don't fit."""
        seen = np.zeros(int(texts.ids.max(initial=Vocabulary.PAD)) + 1, bool)
        seen[texts.ids] = seen[Vocabulary.PAD] = True
        tokens = np.flatnonzero(seen).astype(np.int32)
        if len(texts.ids) < _RECURRING * len(tokens):
            return None
        alone, parts = self._first(tokens)
        seen[alone] = False
        fit = (texts.lengths > 0) & (sums(seen[texts.ids], texts.lengths) == 0)
        places = np.zeros(len(seen), np.int32)
        places[alone] = np.arange(len(alone))
        return FirstStep(Ragged(places[texts.ids], texts.lengths), parts, fit)

    def _first(self, tokens: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Returns the tokens that change no others, <int32>[n], and by its name each part of them, <float32>[n, size].

        They are computed as if they were one text, where only a token that changes others would make a difference.
        """
        while True:
            alone = tokens[~np.isin(tokens, self._reaching)]
            parts, reaching = self._computed(alone)
            if not len(reaching):
                return alone, parts
            del parts  # they are made anew: twice that memory would be needed
            self._reaching = np.union1d(self._reaching, reaching)

    def _computed(self, tokens: np.ndarray) -> tuple[dict[str, np.ndarray], np.ndarray]:
        # The parts of tokens, and those that change others.
        parts = {name: np.empty((len(tokens), size), np.float32) for name, size in self._sizes.items()}
        reaches = np.zeros(len(tokens), np.float32)
        found = parts | ({REACHES: reaches} if REACHES in self._model.outputs else {})
        for rows in np.array_split(np.arange(len(tokens)), -(-len(tokens) // self._at_once)):
            outputs = self._model.run(list(found), {IDS: tokens[rows][None]})
            for all_tokens, (own,) in zip(found.values(), outputs, strict=True):
                all_tokens[rows] = own
        return parts, tokens[reaches > 0]

    def end(self, first: FirstStep, rows: np.ndarray, outputs: Sequence[str]) -> list[np.ndarray]:
        """Returns the outputs for texts of one length. Raises InputError as `begin` does."""
        return self._pooling.run(outputs, first.parts | {PLACES: first.texts.stacked(rows, Vocabulary.PAD)})
