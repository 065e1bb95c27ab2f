"""Beginning with what another run has learned: its vocabulary, embedding and recurrent layers."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.text.preprocessor import Preprocessor
from sentiment.training.named_leaves import with_leaves
from sentiment.trax_runtime import fastmath, shapes, tl


@dataclass(frozen=True)
class Pretrained:
    """A finished run's vocabulary and the weights of its layers.

    Attributes:
        run: where they come from.
        vocabulary: which token each row of its embedding belongs to.
        layers: a layer's name -> its weights by their names within it.
    """

    run: RunDirectory
    vocabulary: Vocabulary
    layers: dict[str, dict[str, np.ndarray]]

    @classmethod
    def load(cls, run: RunDirectory, preprocessor: Preprocessor) -> "Pretrained":
        """Loads a run. Raises InputError where it is damaged, or made its tokens another way than `preprocessor`."""
        run.verify()
        if Preprocessor.from_dict(run.facts(None)["preprocessor"]) != preprocessor:
            raise InputError(f"{run.model}: other preprocessing than the config's; set Preprocessor.* alike in both")
        layers: dict[str, dict[str, np.ndarray]] = defaultdict(dict)
        for name, tensor in load_tensors(run.weights)[0].items():
            kind, layer, *within = name.split("/")
            if kind == "weights":
                layers[layer.partition(".")[2]]["/".join(within)] = tensor
        return cls(run, Vocabulary.load(run.vocabulary), layers)

    def give(self, model: tl.Serial, seed: int) -> list[str]:
        """Initialises a model, then gives its layers the weights of those with the same name and shapes.

        Returns:
            The names of the layers that begin with weights of the run.

        Raises:
            InputError: there is none.
        """
        model.init(shapes.ShapeDtype((1, 1), np.int32), rng=fastmath.random.get_prng(seed))
        taken = []
        for layer in model.sublayers:
            weights = with_leaves(layer.weights, self.layers.get(layer.name, {}))
            if self.layers.get(layer.name) and weights is not None:
                layer.weights = weights
                taken.append(layer.name)
        if not taken:
            raise InputError(f"{self.run.path}: no layer in common with the model; give both the same sizes")
        model.weights = tuple(layer.weights for layer in model.sublayers)
        return taken
