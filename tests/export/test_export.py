"""An exported model is the trained one: same answers, whatever the batch, the lengths and the layers."""

import re

import jax
import numpy as np
import pytest
from fetches import fetch_or_skip
from paths import ROOT

from sentiment import layers
from sentiment.encoding.encoder import describe_encoder, encoder_from
from sentiment.encoding.fixed_length import FixedLength
from sentiment.encoding.hashed_ngrams import HashedNgrams
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.export import TOLERANCE, check_exportable, is_additive, relative_difference, to_onnx
from sentiment.export.graph import Graph, quantised
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.recipe.recipe import read_recipe
from sentiment.trax_runtime import fastmath, shapes, tl

VOCABULARY = Vocabulary((*Vocabulary.SPECIAL, *(f"token{n}" for n in range(600))))
CONFIGS = sorted(path.stem for path in (ROOT / "configs").glob("*.gin") if path.stem not in ("base", "language_model"))
ADDITIVE = {"mean", "notebook", "ngrams"}


def drawn(model, seed=0):
    """Gives a model weights, and frozen tables, that are neither zero nor alike."""
    random = np.random.default_rng(seed)
    model.init(shapes.ShapeDtype((1, 1), np.int32))

    def other(weights):
        return jax.tree_util.tree_map(lambda w: random.normal(size=np.shape(w)).astype(np.float32) * 0.3, weights)

    model.weights = other(model.weights)
    for layer in model.sublayers:
        if isinstance(layer, layers.Embedding) and not layer.trainable:
            layer.state = other(layer.state)
    model.state = tuple(layer.state for layer in model.sublayers)
    return model


def through_jax(model):
    key = fastmath.random.get_prng(0)
    return fastmath.jit(lambda ids: model.pure_fn(ids, model.weights, model.state, key)[0])


def built(config, n_classes=3):
    recipe = read_recipe(ROOT / "configs" / f"{config}.gin")
    with fetch_or_skip(f"what {config} is made of"):
        encoder = recipe.encoder(VOCABULARY)
    return drawn(recipe.model().layers(encoder, n_classes, mode="eval")), encoder


@pytest.mark.parametrize("config", CONFIGS)
def test_every_variant_answers_as_through_jax(config):
    model, encoder = built(config)
    check_exportable(model)
    assert is_additive(model) == (config in ADDITIVE)
    data, small = to_onnx(model), to_onnx(model, int8=True)
    apply = through_jax(model)
    assert relative_difference(data, apply, len(encoder)) <= TOLERANCE
    ids = np.random.default_rng(1).integers(1, len(encoder), (8, 16)).astype(np.int32)  # the shape compiled above
    near = np.abs(np.exp(OnnxSession(small)(ids)) - np.exp(np.asarray(apply(ids)))).max()
    assert 0 < near < 0.05
    assert len(small) < 0.75 * len(data)
    assert not list(_columns_computed_with(data)), "onnxruntime takes 30 times as long as without the third axis"


def _columns_computed_with(data):
    import onnx.shape_inference

    graph = onnx.shape_inference.infer_shapes(onnx.load_model_from_string(data)).graph
    sizes = {value.name: [dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in graph.value_info}
    for node in graph.node:
        size = sizes.get(node.output[0], ())
        if node.op_type in ("Add", "Div", "Less", "Max", "Mul", "Where") and len(size) == 3 and size[2] == 1:
            yield node.op_type, *node.input


def test_a_model_is_valid_onnx_with_free_batch_and_length():
    import onnx.checker

    model, _ = built("bilstm")
    data = to_onnx(model)
    onnx.checker.check_model(data, full_check=True)
    (ids,) = onnx.load_model_from_string(data).graph.input
    assert [dim.dim_param for dim in ids.type.tensor_type.shape.dim] == ["batch", "length"]
    session = OnnxSession(data)
    assert session(np.ones((1, 1), np.int32)).shape == (1, 3)
    assert session(np.ones((5, 700), np.int32)).shape == (5, 3)


@pytest.mark.parametrize("config", ["lstm", "cnn", "attention", "mean", "bilstm"])
def test_padding_and_companions_change_nothing(config):
    session = OnnxSession(to_onnx(built(config)[0]))
    texts = [np.arange(3, 3 + length, dtype=np.int32) for length in (5, 0, 1, 12, 5)]
    together = np.exp(session.log_probabilities(Ragged.of(texts)))
    padded = np.zeros((5, 20), np.int32)
    for row, ids in enumerate(texts):
        padded[row, : len(ids)] = ids
    np.testing.assert_allclose(together, np.exp(session(padded)), atol=1e-6)
    for row, ids in enumerate(texts):
        alone = np.exp(session.log_probabilities(Ragged.of([ids])))
        np.testing.assert_allclose(alone[0], together[row], atol=1e-6)


def test_an_additive_model_is_folded_into_a_table_of_one_value_for_each_class():
    assert len(to_onnx(built("mean")[0])) < 4 * 3 * len(VOCABULARY) + 2000


def test_a_layer_without_a_counterpart_is_refused_by_name_before_training():
    model = tl.Serial(layers.Embedding(5, 4), tl.Fn("Mystery", lambda x: x), tl.Mean(axis=1), tl.Dense(2))
    with pytest.raises(InputError, match=r"Mystery can't be exported"):
        check_exportable(model)


def test_a_model_that_differs_from_jax_is_found():
    model, encoder = built("mean")
    other, _ = built("mean")
    other.weights = jax.tree_util.tree_map(lambda w: np.asarray(w) * 1.001, other.weights)
    assert relative_difference(to_onnx(other), through_jax(model), len(encoder)) > TOLERANCE


def test_differences_count_by_the_size_of_their_rows_log_probabilities():
    model, encoder = built("mean", n_classes=150)
    model.weights = jax.tree_util.tree_map(lambda w: np.asarray(w) * 30, model.weights)
    data, apply = to_onnx(model), through_jax(model)
    ids = np.random.default_rng(0).integers(1, len(encoder), (8, 16)).astype(np.int32)
    absolute = np.abs(OnnxSession(data)(ids) - np.asarray(apply(ids))).max()
    assert absolute > 10 * TOLERANCE, "what float32 can't hold of numbers this large"
    assert relative_difference(data, apply, len(encoder)) <= TOLERANCE
    assert not relative_difference(data, lambda ids: apply(ids) * np.nan, len(encoder)) <= TOLERANCE


@pytest.mark.parametrize("axis", [0, 1])
def test_eight_bits_are_off_by_half_a_step_at_most(axis):
    array = np.random.default_rng(0).normal(size=(30, 50)).astype(np.float32)
    array[3] = array[:, 4] = 0
    values, scales = quantised(array, axis)
    restored = values * np.expand_dims(scales, 1 - axis)
    assert (np.abs(restored - array) <= np.expand_dims(scales, 1 - axis) * 0.5001).all()
    assert (np.abs(values).max(axis=1 - axis) == 127).sum() == len(scales) - 1


def test_equal_nodes_and_weights_stand_once_in_a_graph():
    graph = Graph()
    first, second = (graph.add("Add", "ids", graph.ints(1), axis=0) for _ in range(2))
    assert first == second
    assert graph.add("Add", "ids", graph.ints(1), axis=1) != first


ENCODERS = [VOCABULARY, FixedLength(VOCABULARY, 4), HashedNgrams(VOCABULARY, 2, 3, 4, 50), HashedNgrams(VOCABULARY, 1)]


@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda encoder: type(encoder).__name__)
def test_an_encoder_survives_json_and_tells_where_its_ids_come_from(encoder):
    same = encoder_from(describe_encoder(encoder), VOCABULARY)
    for tokens in (["token1", "other", "token2"], [], ["token3"] * 6):
        assert same.encode(tokens).tolist() == encoder.encode(tokens).tolist()
        origins = encoder.origins(tokens)
        assert len(origins) == len(encoder.encode(tokens))
        assert {place for places in origins for place in places} == set(range(len(tokens)))


@pytest.mark.parametrize("described", [{"kind": "Tomorrow"}, {}, {"kind": "FixedLength", "width": 3}])
def test_an_unknown_encoder_is_refused(described):
    with pytest.raises(InputError, match=re.escape(f"features {described!r}")):
        encoder_from(described, VOCABULARY)
