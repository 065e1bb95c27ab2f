"""Beginning with what another run has learned: its vocabulary, and the layers that it has in common with the model."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers import Embedding
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.text.preprocessor import Preprocessor
from sentiment.training.named_leaves import named_leaves
from sentiment.trax_runtime import fastmath, shapes, tl

_PARTS = ("weights", "state")  # of a layer


@dataclass(frozen=True)
class Pretrained:
    """A finished run's vocabulary, classes and the weights of its layers.

    Attributes:
        run: where they come from.
        vocabulary: which token each row of its embedding belongs to.
        label_names: its classes, in the order of its outputs.
        layers: a layer's name -> for each layer of that name, in the model's order, its weights by their names; of one
            without any its state, which is the table where a table isn't trained.
    """

    run: RunDirectory
    vocabulary: Vocabulary
    label_names: tuple[str, ...]
    layers: dict[str, list[dict[str, np.ndarray]]]

    @classmethod
    def load(cls, run: RunDirectory, preprocessor: Preprocessor) -> "Pretrained":
        """Loads a run. Raises InputError where it is damaged, or made its tokens another way than `preprocessor`."""
        run.verify()
        facts = run.facts(None)
        if Preprocessor.from_dict(facts["preprocessor"]) != preprocessor:
            raise InputError(f"{run.model}: other preprocessing than the config's; set Preprocessor.* alike in both")
        layers = weights_by_layer(load_tensors(run.weights)[0])
        return cls(run, Vocabulary.load(run.vocabulary), tuple(facts["label_names"]), layers)

    def give(
        self, model: tl.Serial, label_names: Sequence[str], layers_for: Callable[[int], tl.Serial], seed: int
    ) -> list[str]:
        """Initialises a model, then gives its layers the run's weights of the same names and shapes.

        The second layer of a name takes those of the run's second layer of that name, and so on.
        Weights that belong to a class are given to the class of the same name, in any place, however many
        classes there are; those of a class that the run doesn't know stay as they were initialised.

        Args:
            model: that will be trained.
            label_names: its classes, in the order of its outputs.
            layers_for: number of classes -> the layers of the model's architecture; their weights are not used.
            seed: of the initialisation.

        Returns:
            The names of the layers that begin with weights of the run.

        Raises:
            InputError: there is none.
        """
        _initialise(model, seed)
        as_in_run, wider = layers_for(len(self.label_names)), layers_for(len(label_names) + 1)
        for other in (as_in_run, wider):
            _initialise(other, seed)
        places = {to: self.label_names.index(name) for to, name in enumerate(label_names) if name in self.label_names}
        left = {name: iter(of_that_name) for name, of_that_name in self.layers.items()}
        taken = []
        for layer, in_run, wide in zip(model.sublayers, as_in_run.sublayers, wider.sublayers, strict=True):
            tensors = next(left.get(in_run.name, iter(())), {})
            if _takes(layer, in_run, wide, tensors, places):
                taken.append(layer.name)
        if not taken:
            raise InputError(f"{self.run.path}: no layer in common with the model; give both the same sizes")
        model.weights, model.state = (tuple(getattr(each, part) for each in model.sublayers) for part in _PARTS)
        return taken


def weights_by_layer(tensors: Mapping[str, np.ndarray]) -> dict[str, list[dict[str, np.ndarray]]]:
    """Returns what `trained_model.named_weights` names as `Pretrained.layers`: of a layer without weights its state."""
    parts: dict[str, dict[tuple[int, str], dict[str, np.ndarray]]] = {part: defaultdict(dict) for part in _PARTS}
    for name, tensor in tensors.items():
        part, layer, *within = name.split("/")
        number, _, layer_name = layer.partition(".")
        parts[part][int(number), layer_name]["/".join(within)] = tensor
    layers = defaultdict(list)
    for (_, layer_name), found in sorted((parts["state"] | parts["weights"]).items(), key=lambda item: item[0]):
        layers[layer_name].append(found)
    return layers


def _initialise(model: tl.Serial, seed: int) -> None:
    model.init(shapes.ShapeDtype((1, 1), np.int32), rng=fastmath.random.get_prng(seed))


def _takes(
    layer: tl.Layer, in_run: tl.Layer, wide: tl.Layer, tensors: Mapping[str, np.ndarray], places: dict[int, int]
) -> bool:
    """Gives a layer the run's tensors where they suit it; returns whether they did."""
    if isinstance(layer, Embedding) and not layer.trainable:
        suits = "" in tensors and tensors[""].shape == layer.table.shape
        if suits:
            layer.state = jax.numpy.asarray(tensors[""])
        return suits
    if not tensors or _shapes(in_run) != {name: tensor.shape for name, tensor in tensors.items()}:
        return False
    axes = _class_axes(layer, wide)
    if not places and None not in axes.values():
        return False
    layer.weights = _with_classes(layer.weights, tensors, axes, places)
    return True


def _shapes(layer: tl.Layer) -> dict[str, tuple[int, ...]]:
    return {name: np.shape(leaf) for name, leaf in named_leaves(layer.weights)}


def _class_axes(layer: tl.Layer, wider: tl.Layer) -> dict[str, int | None]:
    """Returns, for each weight of a layer, which axis counts the classes: where one more class makes it longer."""
    axes = {}
    for (name, shape), wide in zip(_shapes(layer).items(), _shapes(wider).values(), strict=True):
        longer = [axis for axis, (own, other) in enumerate(zip(shape, wide, strict=True)) if own != other]
        axes[name] = longer[0] if longer else None
    return axes


def _with_classes(weights, tensors: Mapping[str, np.ndarray], axes: Mapping[str, int | None], places: dict[int, int]):
    """Returns a layer's weights with those of the run; along a class axis `places` says from where each one comes."""
    replaced = []
    for name, leaf in named_leaves(weights):
        tensor, axis = tensors[name], axes[name]
        if axis is not None:
            tensor, given = np.array(leaf), np.moveaxis(tensor, axis, 0)
            np.moveaxis(tensor, axis, 0)[list(places)] = given[list(places.values())]
        replaced.append(jax.numpy.asarray(tensor))
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(weights), replaced)
