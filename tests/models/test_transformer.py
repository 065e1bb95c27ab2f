import jax
import numpy as np
import pytest
from onnx import onnx_ml_pb2
from small_configs import refusal
from small_transformers import SMALL, mean_vectors, random_tensors, roberta, write_transformer

from sentiment.batching.batches import Examples
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.export import TOLERANCE, check_exportable, relative_difference, to_onnx
from sentiment.layers import token_dropout
from sentiment.models.transformer import FrozenTransformerClassifier, TransformerClassifier
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.training.frozen_features import outputs_of_texts
from sentiment.trax_runtime import fastmath, shapes

NONE = Vocabulary(Vocabulary.SPECIAL)
CONFIGS = {"bert": SMALL, "roberta": roberta()}


@pytest.fixture(scope="module", params=CONFIGS)
def family(request, tmp_path_factory):
    """(config, encoder) of a small random transformer."""
    config = CONFIGS[request.param]
    folder = write_transformer(tmp_path_factory.mktemp(request.param), config)
    return config, Subwords.of_transformer(NONE, str(folder), length=24)


def batch(*rows, length):
    ids = np.zeros((len(rows), length), np.int32)
    for row, own in zip(ids, rows, strict=True):
        row[: len(own)] = own
    return ids


def outputs(model, ids):
    return np.asarray(model.pure_fn(ids, model.weights, model.state, fastmath.random.get_prng(0))[0])


def theirs(config, ids):
    """The publisher's ids: our padding is 0, and changes places with theirs."""
    pad = config["pad_token_id"]
    return np.where(ids == pad, 0, np.where(ids == 0, pad, ids))


def initialised(model):
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    return model


def test_features_are_the_scaled_means_of_the_formulas_the_last_layers_first(family):
    config, encoder = family
    model = FrozenTransformerClassifier().features(encoder)
    for words in (["very", "good", "day", "!"], ["badly"], []):
        ids = encoder.encode(words)
        means = mean_vectors(config, random_tensors(config), theirs(config, ids))
        expected = [mean / np.sqrt(np.mean(mean**2)) for mean in reversed(means)]
        np.testing.assert_allclose(outputs(model, ids[None])[0], np.concatenate(expected), atol=1e-5)


@pytest.mark.parametrize(("n_layers", "read"), [(1, 2), (2, 3), (3, 4), (6, 4), (12, 4)])
def test_features_are_of_four_layers_evenly_spaced(tmp_path, n_layers, read):
    config = SMALL | {"num_hidden_layers": n_layers}
    encoder = Subwords.of_transformer(NONE, str(write_transformer(tmp_path, config)), length=24)
    ids = encoder.encode(["very", "good"])
    means = mean_vectors(config, random_tensors(config), ids)[:: max(1, n_layers // 3)]
    assert len(means) == read
    expected = np.concatenate([mean / np.sqrt(np.mean(mean**2)) for mean in reversed(means)])
    found = outputs(FrozenTransformerClassifier().features(encoder), ids[None])[0]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_text_has_the_same_vector_beside_any_others(family):
    _, encoder = family
    model = FrozenTransformerClassifier().features(encoder)
    one, other = encoder.encode(["very", "good"]), encoder.encode(["not", "a", "happy", "day"])
    alone = outputs(model, one[None])[0]
    np.testing.assert_allclose(outputs(model, batch(one, other, length=20))[0], alone, atol=1e-6)
    np.testing.assert_allclose(outputs(model, batch(other, one, [], length=9))[1], alone, atol=1e-6)


@pytest.mark.parametrize("on_cpu", [True, False])
def test_features_come_in_the_order_of_the_texts(family, monkeypatch, on_cpu):
    monkeypatch.setattr("sentiment.training.frozen_features.on_cpu", lambda: on_cpu)
    _, encoder = family
    model = FrozenTransformerClassifier().features(encoder)
    lists = [["good"] * n for n in (5, 0, 17, 3, 40)] * 20  # cut to 24, for which there are positions
    found = outputs_of_texts(model, Examples.encode(lists, np.zeros(100), encoder))
    assert found.shape == (100, 24)
    for place in (0, 1, 44, 99):
        np.testing.assert_allclose(found[place], outputs(model, encoder.encode(lists[place])[None])[0], atol=1e-5)


@pytest.mark.parametrize(
    "architecture",
    [TransformerClassifier(), TransformerClassifier(trainable_words=False), FrozenTransformerClassifier()],
)
def test_onnx_answers_as_jax_does(family, architecture):
    _, encoder = family
    trained = initialised(architecture.layers(encoder, 3, "train"))
    model = architecture.layers(encoder, 3, "eval")
    check_exportable(model)
    model.weights, model.state = trained.weights, trained.state
    apply = jax.jit(lambda ids: outputs_of(model, ids))
    data = to_onnx(model)
    assert relative_difference(data, apply, len(encoder)) <= TOLERANCE
    assert OnnxSession(data).tables == {40}
    assert OnnxSession(to_onnx(model, int8=True))(np.full((1, 4), 5, np.int32)).shape == (1, 3)


def test_onnx_also_gives_the_vectors_that_the_last_layer_sees(family):
    config, encoder = family
    architecture = TransformerClassifier()
    model, trained = (architecture.layers(encoder, 3, mode) for mode in ("eval", "train"))
    initialised(trained)
    model.weights, model.state = trained.weights, trained.state
    texts = Ragged.of([encoder.encode(words) for words in (["good"], ["very", "bad", "day"], [])])
    plain, session = OnnxSession(to_onnx(model)), OnnxSession(to_onnx(model, vectors=True))
    assert (plain.n_vector, session.n_vector) == (0, 8)
    answers, vectors = session.with_vectors(texts)
    np.testing.assert_array_equal(answers, plain.log_probabilities(texts))
    tensors = random_tensors(config)
    for vector, ids in zip(vectors, np.split(texts.ids, np.cumsum(texts.lengths)[:-1]), strict=True):
        np.testing.assert_allclose(vector, mean_vectors(config, tensors, theirs(config, ids))[-1], atol=1e-5)


@pytest.mark.parametrize("size", [7, 9])
def test_what_a_model_says_of_the_size_of_its_vectors_is_not_relied_on(family, size):
    _, encoder = family
    model = initialised(TransformerClassifier().layers(encoder, 3, "eval"))
    changed = onnx_ml_pb2.ModelProto.FromString(to_onnx(model, vectors=True))
    changed.graph.output[1].type.tensor_type.shape.dim[1].dim_value = size
    session = OnnxSession(changed.SerializeToString())
    assert session.n_vector == 8
    assert session.with_vectors(Ragged.of([encoder.encode(["good"])]))[1].shape == (1, 8)


def outputs_of(model, ids):
    return model.pure_fn(ids, model.weights, model.state, fastmath.random.get_prng(0))[0]


def test_the_joined_model_is_the_trained_head_above_the_transformer(family):
    _, encoder = family
    architecture = FrozenTransformerClassifier()
    ids = encoder.encode(["very", "bad"])[None]
    features = np.concatenate([np.zeros((1, 24), np.float32), outputs(architecture.features(encoder), ids)])
    head = initialised(architecture.head(features, 2, "eval"))
    joined = architecture.joined(encoder, 2, head)
    np.testing.assert_allclose(outputs(joined, ids), outputs(head, np.array([[1]], np.int32)), atol=1e-6)


def test_dropout_and_dropped_rates_are_of_training_alone(family):
    _, encoder = family
    ids = np.tile(encoder.encode(["very", "good"]), (2, 1))
    train = initialised(TransformerClassifier(dropout=0.5).layers(encoder, 2, "train"))
    assert not np.allclose(*outputs(train, ids))
    evaluated = initialised(TransformerClassifier(dropout=0.5).layers(encoder, 2, "eval"))
    np.testing.assert_array_equal(*outputs(evaluated, ids))


def test_dropout_is_the_same_for_all_tokens_of_a_text():
    layer, ones = token_dropout(0.5, "train"), np.ones((4, 6, 64), np.float32)
    layer.init(shapes.signature(ones))
    found = np.asarray(layer.pure_fn(ones, layer.weights, layer.state, fastmath.random.get_prng(0))[0])
    np.testing.assert_array_equal(found, np.broadcast_to(found[:, :1], found.shape))
    assert len(np.unique(found[:, 0], axis=0)) == 4
    assert 0.35 < np.mean(found == 0) < 0.65
    assert set(np.unique(found)) == {0, 2}


def test_batches_longer_than_the_positions_are_refused_with_the_setting(family):
    _, encoder = family
    model = FrozenTransformerClassifier().features(encoder)
    with pytest.raises(Exception, match=r"Recipe\.buckets end at 24 or less"):
        model(np.ones((1, 25), np.int32))


def test_words_instead_of_subwords_are_refused_with_the_settings():
    for architecture in (TransformerClassifier(), FrozenTransformerClassifier()):
        assert "Recipe.features = @Subwords" in refusal(architecture.layers, NONE, 2)
