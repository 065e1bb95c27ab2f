"""What layers declare about token ids is true of the traced program, for every layer, model and config."""

import jax
import numpy as np
import pytest
from jaxpr_flow import Flow, flow
from paths import ROOT

from sentiment import layers
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers.id_uses import IdUse, declare_ids, lookup_layers
from sentiment.recipe.recipe import read_recipe
from sentiment.trax_runtime import fastmath, shapes, tl

V, D = 40, 4
IDS = np.array([[3, 4, 3, 0], [9, 0, 0, 0]], np.int32)
CONFIGS = sorted(path.name for path in (ROOT / "configs").glob("*.gin") if path.name != "base.gin")
# Which of their layers does more with ids than to look up rows.
REFUSED = dict.fromkeys(("default.gin", "taught.gin"), "WordDropout_0.2")
REFUSED |= {"ensemble.gin": "Committee_2", "anylanguage.gin": r"BagScores_\d+_2"}


def _declared_and_found(model: tl.Layer) -> tuple[set[int], Flow]:
    """The numbers of the inputs (ids, weights, states) that are declared tables, and what the program does with all."""
    looking_up = lookup_layers(model)
    leaves, nest = jax.tree_util.tree_flatten((model.weights, model.state))
    key = fastmath.random.get_prng(0)

    def function(ids, *leaves):
        return model.pure_fn(ids, *jax.tree_util.tree_unflatten(nest, leaves), key)[0]

    tables = [table for layer in looking_up for table in (layer.weights, layer.state)]
    declared = {n for n, leaf in enumerate(leaves, start=1) if any(leaf is table for table in tables)}
    return declared, flow(jax.make_jaxpr(function)(IDS, *leaves).jaxpr, ids=0)


def _assert_true(model: tl.Layer) -> None:
    model.init(shapes.signature(IDS), rng=fastmath.random.get_prng(1))
    declared, found = _declared_and_found(model)
    assert found.tables == declared
    assert not found.elsewhere & declared
    assert found.other_use is None


LAYERS = {
    "Trax's": lambda: tl.Embedding(V, D),
    "trained": lambda: layers.Embedding(V, D),
    "frozen": lambda: layers.Embedding(V, D, trainable=False),
    "with a mask": lambda: tl.Serial(layers.Embedding(V, D, mask_zero=True), layers.MaskedMean()),
    "a bag": lambda: layers.EmbeddingBag(V, D),
    "a frozen bag": lambda: layers.EmbeddingBag(V, D, trainable=False),
    "a mask beside": lambda: tl.Serial(tl.Branch(tl.Embedding(V, D), layers.TokenMask()), layers.MaskedMean()),
    "shifted": lambda: tl.Serial(tl.ShiftRight(), tl.Embedding(V, D)),
    "two": lambda: tl.Serial(tl.Branch(layers.Embedding(V, D, trainable=False), layers.Embedding(V, 2))),
    "a mask alone": layers.TokenMask,
}


@pytest.mark.parametrize("model", LAYERS.values(), ids=LAYERS)
def test_what_a_layer_declares_is_true(model):
    _assert_true(model())


@pytest.mark.parametrize("on_one_cpu", [False, True])
def test_what_a_bag_declares_is_true_wherever_it_runs(monkeypatch, on_one_cpu):
    monkeypatch.setattr("sentiment.layers.embedding_bag._on_one_cpu", lambda: on_one_cpu)
    _assert_true(layers.EmbeddingBag(V, D))


@pytest.mark.parametrize("config", CONFIGS)
def test_what_the_layers_of_a_config_declare_is_true(config):
    recipe = read_recipe(ROOT / "configs" / config)
    encoder = recipe.encoder(Vocabulary.build([[f"w{n}" for n in range(V)]]))
    model = recipe.model().layers(encoder, 2, mode="eval")
    if config in REFUSED:
        with pytest.raises(InputError, match=rf"^lazy updates: {REFUSED[config]} may use token ids for more than look"):
            lookup_layers(model)
    else:
        _assert_true(model)


class _Tied(tl.Layer):
    """Scores tokens by the table in which it looks them up, and denies it."""

    def __init__(self):
        super().__init__()
        declare_ids(self, IdUse.LOOKS_UP)

    def init_weights_and_state(self, input_signature):
        self.weights = np.ones((V, D), np.float32)

    def forward(self, ids):
        vectors = fastmath.numpy.take(self.weights, ids, axis=0, mode="clip")
        return fastmath.numpy.dot(vectors, self.weights.T)


def _of_fn(use: IdUse, function) -> tl.Layer:
    return declare_ids(tl.Fn("Fn", function), use)


LIES = {
    "a table that scores too": _Tied,
    "a comparison that adds up": lambda: _of_fn(IdUse.COMPARES, lambda ids: fastmath.numpy.sum(ids, axis=1)),
    "a comparison with another id": lambda: _of_fn(IdUse.COMPARES, lambda ids: ids != 3),
    "other ids": lambda: tl.Serial(_of_fn(IdUse.PASSES, lambda ids: ids + 1), tl.Embedding(V, D)),
    "no lookup": lambda: _of_fn(IdUse.LOOKS_UP, lambda ids: ids.astype("float32")),
}


@pytest.mark.parametrize("model", LIES.values(), ids=LIES)
def test_a_declaration_that_is_not_true_is_found_out(model):
    with pytest.raises(AssertionError):
        _assert_true(model())


def test_ids_that_come_out_again_or_reach_a_layer_that_declares_nothing_are_refused():
    with pytest.raises(InputError, match=r"^lazy updates: token ids come out of the model again; use exact updates$"):
        lookup_layers(tl.Serial(tl.Branch(tl.Embedding(V, D), tl.ShiftRight())))
    with pytest.raises(InputError, match=r"^lazy updates: Sum may use token ids for more than lookups; use exact upd"):
        lookup_layers(tl.Branch(tl.Embedding(V, D), tl.Fn("Sum", lambda ids: ids.sum(axis=1))))
    with pytest.raises(InputError, match=r"^lazy updates: Concatenate may use"):
        lookup_layers(tl.Serial(tl.Branch(None, tl.Embedding(V, D)), tl.Concatenate()))


def test_a_layer_that_stands_in_two_places_comes_once():
    shared = tl.Embedding(V, D)
    assert lookup_layers(tl.Branch(shared, tl.Serial(tl.ShiftRight(), shared))) == [shared]
