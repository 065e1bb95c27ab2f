"""What a model is before its layers are made: settings, which a config gives."""

from collections.abc import Sized
from typing import Protocol

from sentiment.trax_runtime import tl


class Architecture(Protocol):
    """A model's settings, a dataclass whose fields gin binds (`cnn_classifier.filters = 64`).

    A new one is registered in sentiment/recipe/recipe.py, and a config names it: `Recipe.model = @cnn_classifier`.
    """

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns the layers, from token ids to log-probabilities.

        They map <int32>[batch, length], padded with `Vocabulary.PAD`, to <float32>[batch, n_classes]; those of a
        language model to <float32>[batch, length, len(encoder)].

        Args:
            encoder: tokens -> ids; its length is the number of ids.
            n_classes: number of log-probabilities.
            mode: "train" applies dropout and loads pre-trained vectors; "eval" does neither: such a model is given
                the weights of a trained one.
            several: whether a text may have several classes. Each is then decided by itself: the layers end with
                `layers.EachClass`, <float32>[batch, n_classes, 2].

        Raises:
            InputError: the settings contradict each other or the encoder, or vectors can't be had.
        """
