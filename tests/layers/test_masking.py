"""Masks: refused at build time where they can't pass; padding and companions never matter where they can."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.layers import (
    GRU,
    LSTM,
    AttentionPooling,
    Bidirectional,
    Convolutions,
    Embedding,
    MaskedMax,
    MaskedMean,
    Negation,
    Opposites,
    TokenMask,
    UnitRms,
    masked_serial,
)
from sentiment.trax_runtime import fastmath, shapes, tl

KEY = fastmath.random.get_prng(0)
FEATURES = 4
LONGEST = 6

ENDING = {
    "mean": MaskedMean,
    "mean-of-one-length": lambda: tl.Serial(MaskedMean(), UnitRms()),
    "max": MaskedMax,
    "attention": lambda: AttentionPooling(5),
    "lstm": lambda: LSTM(3),
    "backwards": lambda: GRU(3, go_backwards=True),
    "bidirectional": lambda: Bidirectional(LSTM, 3),
    "convolutions": lambda: tl.Serial(Convolutions(filters=3), MaskedMax()),
}
KEEPING = {
    "lstm": lambda: LSTM(3, return_sequences=True),
    "backwards": lambda: GRU(3, return_sequences=True, go_backwards=True),
    "bidirectional": lambda: Bidirectional(GRU, 3, return_sequences=True),
    "convolutions": lambda: Convolutions((1, 2, 3), 3),
    "negation": lambda: Negation(0, valence=1, n_scores=2),
    "opposites": lambda: Opposites(0, valence=1, n_scores=2),
}


def _padded(texts, length):
    """Returns (vectors, mask); the padding holds what would be noticed."""
    vectors = np.full((len(texts), length, FEATURES), 1e3, np.float32)
    mask = np.zeros((len(texts), length), bool)
    for row, text in enumerate(texts):
        vectors[row, : len(text)] = text
        mask[row, : len(text)] = True
    return vectors, mask


def _texts(lengths):
    random = np.random.default_rng(0)
    return [random.normal(size=(length, FEATURES)).astype(np.float32) for length in lengths]


def _compiled(function):
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})  # quick to compile


def _initialised(layer):
    layer.init(shapes.signature(_padded(_texts([2]), 2)), rng=KEY)
    apply = _compiled(lambda inputs: layer.pure_fn(inputs, layer.weights, layer.state, KEY)[0])
    return lambda texts, length: apply(_padded(texts, length))


@pytest.mark.parametrize("name", ENDING)
def test_one_vector_a_text_does_not_depend_on_padding_or_companions(name):
    apply = _initialised(ENDING[name]())
    texts = _texts([3, 0, LONGEST])
    alone = [apply([text], max(len(text), 1))[0] for text in texts]
    assert np.isfinite(alone).all()
    for order in (slice(None), slice(None, None, -1)):
        np.testing.assert_allclose(apply(texts[order], 2 * LONGEST + 1), alone[order], atol=1e-6)


@pytest.mark.parametrize("name", KEEPING)
def test_a_sequence_does_not_depend_on_padding_or_companions_where_tokens_stand(name):
    apply = _initialised(KEEPING[name]())
    texts = _texts([3, 0, LONGEST])
    outputs, mask = apply(texts, 2 * LONGEST + 1)
    np.testing.assert_array_equal(mask, _padded(texts, 2 * LONGEST + 1)[1])
    assert np.isfinite(outputs).all()
    for text, output in zip(texts, outputs, strict=True):
        alone, _ = apply([text], max(len(text), 1))
        np.testing.assert_allclose(output[: len(text)], alone[0][: len(text)], atol=1e-6)


@pytest.mark.parametrize("name", ["mean", "max", "attention", "bidirectional"])
@settings(max_examples=15)
@given(lengths=st.lists(st.integers(0, LONGEST), min_size=3, max_size=3), scale=st.sampled_from([1e-3, 1, 30]))
def test_pooling_is_the_same_together_and_alone_for_any_lengths(name, lengths, scale):
    apply = _CACHE.setdefault(name, _initialised(ENDING[name]()))
    texts = [text * np.float32(scale) for text in _texts(lengths)]
    together = apply(texts, LONGEST)
    for text, vector in zip(texts, together, strict=True):
        alone = apply([text] * 3, LONGEST + 3)[0]
        np.testing.assert_allclose(vector, alone, atol=1e-6, rtol=1e-6)


_CACHE = {}  # hypothesis calls a test many times; its layer is compiled once


@pytest.mark.parametrize("name", ENDING)
def test_gradients_are_finite_and_leave_padding_alone_even_without_tokens(name):
    layer = ENDING[name]()
    vectors, mask = _padded(_texts([2, 0]), 3)
    layer.init(shapes.signature((vectors, mask)), rng=KEY)

    def total(weights, vectors):
        return layer.pure_fn((vectors, mask), weights, layer.state, KEY)[0].sum()

    of_weights, of_vectors = _compiled(jax.grad(total, argnums=(0, 1)))(layer.weights, vectors)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves((of_weights, of_vectors)))
    assert not np.asarray(of_vectors)[~mask].any()


def test_pooling_gives_what_its_definition_says():
    vectors = np.array([[[1, -5], [3, -7], [100, 100]]], np.float32)
    mask = np.array([[True, True, False]])
    np.testing.assert_array_equal(MaskedMean()((vectors, mask)), [[2, -6]])
    np.testing.assert_array_equal(MaskedMax()((vectors, mask)), [[3, -5]])
    attention = AttentionPooling(1)
    attention.init(shapes.signature((vectors, mask)), rng=KEY)
    attention.weights = (np.array([[1], [0]], np.float32), np.zeros(1), np.array([[2]], np.float32))
    shares = np.exp(2 * np.tanh([1, 3]))
    expected = shares @ vectors[0, :2] / shares.sum()
    np.testing.assert_allclose(attention((vectors, mask)), [expected], rtol=1e-6)
    np.testing.assert_array_equal(TokenMask()(np.array([[5, 2, 0]])), [[True, True, False]])


def test_vectors_of_any_length_come_to_one_and_zeros_stay():
    scaled = UnitRms()(np.array([[3, -4], [0.003, -0.004], [0, 0]], np.float32))
    np.testing.assert_allclose(scaled, np.sqrt(2) * np.array([[0.6, -0.8], [0.6, -0.8], [0, 0]]), rtol=1e-6)


def test_a_convolution_sees_the_words_around_and_nothing_beyond_the_text():
    vectors = np.array([[[1], [2], [4], [99]]], np.float32)
    mask = np.array([[True, True, True, False]])
    layer = Convolutions((3,), 1)
    layer.init(shapes.signature((vectors, mask)), rng=KEY)
    ones = [np.ones_like(leaf) for leaf in jax.tree.leaves(layer.weights)]
    layer.weights = jax.tree.unflatten(jax.tree.structure(layer.weights), ones)
    outputs, _ = layer((vectors, mask))
    np.testing.assert_allclose(outputs[0, :3, 0], [1 + 3, 1 + 7, 1 + 6])


def test_a_mask_passes_through_pointwise_layers_to_the_one_that_ends_it():
    ids = np.array([[3, 4, 0, 0], [0, 0, 0, 0]], np.int32)
    pointwise = [tl.Dense(6), [tl.Relu(), tl.LayerNorm()], tl.Serial(tl.Dropout(0.5, mode="eval"), tl.Tanh())]
    model = masked_serial(Embedding(9, 5, mask_zero=True), *pointwise, MaskedMean(), tl.Dense(2), tl.LogSoftmax())
    model.init(shapes.signature(ids), rng=KEY)
    apply = _compiled(lambda ids: model.pure_fn(ids, model.weights, model.state, KEY)[0])
    np.testing.assert_allclose(apply(ids)[0], apply(ids[:1, :2])[0], atol=1e-6)
    assert model.n_out == 1


def test_after_the_mask_has_ended_any_layer_may_follow():
    masked_serial(Embedding(9, 5, mask_zero=True), LSTM(4), tl.Flatten(), tl.Mean(axis=-1))


@pytest.mark.parametrize(
    ("layer", "name", "remedy"),
    [
        (lambda: tl.Flatten(), "Flatten_keep1", "put a layer that ends the mask before it"),
        (lambda: tl.Mean(axis=1), "Mean", "use MaskedMean"),
        (lambda: tl.Max(axis=1), "Max", "use MaskedMax"),
        (lambda: tl.LSTM(5), "LSTM_5", "use sentiment.layers.LSTM with masked=True"),
        (lambda: tl.GRU(5), "GRU_5", "use sentiment.layers.GRU with masked=True"),
        (lambda: LSTM(5, masked=False), "LSTM_5", "with masked=True"),
        (lambda: tl.Conv1d(3, 3), "Conv", "use Convolutions"),
        (lambda: tl.Serial(tl.Dense(3), tl.Flatten()), "Flatten_keep1", "set mask_zero=False"),
        (lambda: tl.Residual(tl.Dense(5)), "Branch", "set mask_zero=False"),
        (lambda: tl.CausalAttention(5), "Branch", "set mask_zero=False"),
        (lambda: Embedding(9, 5, mask_zero=True), "Embedding_9_5", "set mask_zero=False"),
    ],
)
def test_a_layer_that_can_not_honour_the_mask_is_refused_when_the_model_is_built(layer, name, remedy):
    with pytest.raises(InputError) as refused:
        masked_serial(Embedding(9, 5, mask_zero=True), tl.Dense(5), layer(), MaskedMean())
    message = str(refused.value)
    assert message.startswith(f"{name} can't honour the mask that Embedding_9_5 makes")
    assert remedy in message
    assert "\n" not in message


@pytest.mark.parametrize("layer", [MaskedMean(), LSTM(3, return_sequences=True), Bidirectional(GRU, 3)], ids=str)
def test_a_layer_that_needs_a_mask_is_refused_where_none_reaches_it(layer):
    for before in ([Embedding(9, 5)], [Embedding(9, 5, mask_zero=True), MaskedMax()]):
        with pytest.raises(
            InputError, match=rf"^{layer.name} needs a mask and none reaches it: begin with Embedding\("
        ):
            masked_serial(*before, layer)


def test_a_mask_that_reaches_the_end_is_refused():
    with pytest.raises(InputError, match="the mask that Embedding_9_5 makes reaches the model's end"):
        masked_serial(Embedding(9, 5, mask_zero=True), LSTM(3, return_sequences=True), tl.Dense(2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AttentionPooling(0), "d_attention = 0: must be 1 or more"),
        (lambda: LSTM(0), "LSTMCell_0: units must be 1 or more"),
        (lambda: Convolutions(()), r"widths \(\)"),
        (lambda: Convolutions((0, 1)), r"widths \(0, 1\)"),
        (lambda: Convolutions(filters=0), "filters 0"),
    ],
)
def test_impossible_sizes_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_dropout_drops_its_share_scales_the_rest_and_repeats_by_key():
    ones = np.ones((200, 100), np.float32)
    dropout = tl.Dropout(0.25, mode="train")
    dropout.init(shapes.signature(ones), rng=KEY)
    dropped = dropout(ones, rng=KEY)
    assert np.mean(np.asarray(dropped) == 0) == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(np.unique(dropped), [0, 1 / 0.75], rtol=1e-6)
    np.testing.assert_array_equal(dropout(ones, rng=KEY), dropped)
    assert (np.asarray(dropout(ones, rng=fastmath.random.get_prng(1))) != dropped).any()
    evaluating = tl.Dropout(0.25, mode="eval")
    evaluating.init(shapes.signature(ones), rng=KEY)
    np.testing.assert_array_equal(evaluating(ones), ones)
