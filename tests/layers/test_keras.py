"""The layers against Keras 3 itself (JAX backend): same weights in, same outputs and gradients out, masks included."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import keras
import numpy as np
import pytest

from sentiment.layers import (
    GRU,
    L1L2,
    LSTM,
    Bidirectional,
    Convolutions,
    Embedding,
    LSTMCell,
    MaskedMean,
    MaxNorm,
    NonNegative,
    Recurrent,
    UnitNorm,
    masked_serial,
)
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl, training

TOLERANCE = 1e-5
BATCH, LENGTH, FEATURES, UNITS, VOCABULARY, CLASSES = 4, 7, 5, 6, 11, 3
QUICK_TO_COMPILE = {"xla_backend_optimization_level": 0}
KEY = fastmath.random.get_prng(0)

# Padding at the end, padding before and between tokens, no token at all, no padding.
MASK = np.array([[1, 1, 1, 0, 0, 0, 0], [0, 1, 0, 1, 1, 0, 1], [0] * LENGTH, [1] * LENGTH], bool)


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.fixture
def sequence(random):
    return random.normal(size=(BATCH, LENGTH, FEATURES)).astype(np.float32)


@pytest.fixture
def ids(random):
    drawn = random.integers(1, VOCABULARY, (BATCH, LENGTH)).astype(np.int32)
    return np.where(MASK, drawn, 0)


def _ours(layer, inputs, nest):
    """Returns (outputs, gradients by weights and by float inputs) of a layer, with Keras's weights in its own nest."""
    layer.init(shapes.signature(inputs), rng=KEY)
    assert jax.tree.map(np.shape, layer.weights) == jax.tree.map(np.shape, nest)

    def output(weights, inputs):
        outputs, _ = layer.pure_fn(inputs, weights, layer.state, KEY)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    return _with_gradients(output, nest, inputs)


def _keras(layer, inputs, mask=None):
    """Returns the same of a built Keras layer, with its weights redrawn so that biases aren't zero."""
    random = np.random.default_rng(1)
    for variable in layer.weights:
        variable.assign(random.normal(scale=0.5, size=variable.shape).astype(np.float32))
    more = {} if mask is None else {"mask": mask}

    def output(weights, inputs):
        return layer.stateless_call(weights, [v.value for v in layer.non_trainable_variables], inputs, **more)[0]

    return _with_gradients(output, [variable.value for variable in layer.trainable_variables], inputs)


def _with_gradients(output, weights, inputs):
    def projected(weights, inputs):
        outputs = output(weights, inputs)
        return (outputs * np.random.default_rng(2).normal(size=outputs.shape)).sum(), outputs

    both = jax.grad(projected, argnums=(0, 1), has_aux=True, allow_int=True)
    gradients, outputs = jax.jit(both, compiler_options=QUICK_TO_COMPILE)(weights, inputs)
    return outputs, [leaf for leaf in jax.tree.leaves(gradients) if leaf.dtype == np.float32]


def _assert_same(ours, keras_own):
    np.testing.assert_allclose(ours[0], keras_own[0], atol=TOLERANCE, rtol=0)
    assert len(ours[1]) == len(keras_own[1]) > 0
    for one, other in zip(ours[1], keras_own[1], strict=True):
        np.testing.assert_allclose(one, other, atol=TOLERANCE, rtol=TOLERANCE)


def _values(layer):
    return tuple(variable.value for variable in layer.weights)


@pytest.mark.parametrize(
    ("name", "return_sequences", "masked"),
    [("LSTM", True, True), ("LSTM", False, True), ("LSTM", True, False), ("GRU", True, True), ("GRU", False, True)],
)
def test_recurrent_layers_equal_keras(name, return_sequences, masked, sequence):
    layer = getattr(keras.layers, name)(UNITS, return_sequences=return_sequences)
    layer.build(sequence.shape)
    expected = _keras(layer, sequence, MASK if masked else None)
    ours = {"LSTM": LSTM, "GRU": GRU}[name](UNITS, return_sequences=return_sequences, masked=masked)
    _assert_same(_ours(ours, (sequence, MASK) if masked else sequence, (_values(layer),)), expected)


@pytest.mark.parametrize("return_sequences", [True, False])
def test_going_backwards_equals_keras_except_that_outputs_stay_at_their_steps(return_sequences, sequence):
    layer = keras.layers.GRU(UNITS, return_sequences=return_sequences, go_backwards=True)
    layer.build(sequence.shape)
    expected, _ = _keras(layer, sequence, MASK)
    if return_sequences:
        expected = expected[:, ::-1]
    ours = GRU(UNITS, return_sequences=return_sequences, go_backwards=True)
    outputs, _ = _ours(ours, (sequence, MASK), (_values(layer),))
    np.testing.assert_allclose(outputs, expected, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("name", "return_sequences", "masked"), [("LSTM", True, True), ("GRU", False, True), ("GRU", True, False)]
)
def test_bidirectional_equals_keras(name, return_sequences, masked, sequence):
    layer = keras.layers.Bidirectional(getattr(keras.layers, name)(UNITS, return_sequences=return_sequences))
    layer.build(sequence.shape)
    expected = _keras(layer, sequence, MASK if masked else None)
    ours = Bidirectional({"LSTM": LSTM, "GRU": GRU}[name], UNITS, return_sequences=return_sequences, masked=masked)
    ours.init(shapes.signature((sequence, MASK) if masked else sequence), rng=KEY)
    values = _values(layer)
    nest = jax.tree.unflatten(jax.tree.structure(ours.weights), values)
    assert jax.tree.structure(nest) == jax.tree.structure(ours.weights)
    _assert_same(_ours(ours, (sequence, MASK) if masked else sequence, nest), expected)


def test_a_convolution_equals_keras_on_what_is_not_masked(sequence):
    layer = keras.layers.Conv1D(UNITS, 2, padding="same", activation="relu")
    layer.build(sequence.shape)
    expected = _keras(layer, sequence * MASK[:, :, None])[0]
    ours = Convolutions((2,), UNITS)
    ours.init(shapes.signature((sequence, MASK)), rng=KEY)
    kernel, bias = _values(layer)  # [width, d, filters], and ours is [width * d, filters]
    nest = ((kernel.reshape(-1, UNITS), bias),)
    np.testing.assert_allclose(_ours(ours, (sequence, MASK), nest)[0], expected, atol=TOLERANCE)


def test_an_embedding_and_its_mask_equal_keras(ids):
    layer = keras.layers.Embedding(VOCABULARY, FEATURES, mask_zero=True)
    layer.build()
    expected = _keras(layer, ids)
    ours = Embedding(VOCABULARY, FEATURES, mask_zero=True)
    _assert_same(_ours(ours, ids, _values(layer)[0]), expected)
    _, mask = ours(ids)
    np.testing.assert_array_equal(mask, layer.compute_mask(ids))


def test_a_masked_stack_with_dropout_in_eval_mode_equals_keras(ids):
    layers = [
        keras.layers.Embedding(VOCABULARY, FEATURES, mask_zero=True),
        keras.layers.LSTM(UNITS, return_sequences=True),
        keras.layers.Dropout(0.5),
        keras.layers.LSTM(UNITS),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(CLASSES),
        keras.layers.Activation("log_softmax"),
    ]
    model = keras.Sequential(layers)
    model.build(ids.shape)
    expected = _keras(model, ids)
    ours = masked_serial(
        Embedding(VOCABULARY, FEATURES, mask_zero=True),
        LSTM(UNITS, return_sequences=True),
        tl.Dropout(0.5, mode="eval"),
        LSTM(UNITS),
        tl.Dropout(0.5, mode="eval"),
        tl.Dense(CLASSES),
        tl.LogSoftmax(),
    )
    ours.init(shapes.signature(ids), rng=KEY)
    nest = jax.tree.unflatten(jax.tree.structure(ours.weights), _values(model))
    _assert_same(_ours(ours, ids, nest), expected)


def test_the_shared_cell_over_time_equals_the_seeds_djmodel(sequence, random):
    """Seed 002: one LSTM of length-1 inputs and one Dense, called once for each time step, from given a0 and c0."""
    reshapor, cell = keras.layers.Reshape((1, FEATURES)), keras.layers.LSTM(UNITS, return_state=True)
    densor = keras.layers.Dense(CLASSES, activation="softmax")
    inputs = keras.Input((LENGTH, FEATURES))
    a0, c0 = keras.Input((UNITS,)), keras.Input((UNITS,))
    a, c, outputs = a0, c0, []
    for t in range(LENGTH):
        a, _, c = cell(reshapor(inputs[:, t, :]), initial_state=[a, c])
        outputs.append(densor(a))
    model = keras.Model([inputs, a0, c0], outputs)
    given = (sequence, *(random.normal(size=(BATCH, UNITS)).astype(np.float32) for _ in range(2)))
    expected = np.stack(model(list(given)), axis=1)

    over_time = Recurrent(LSTMCell(UNITS), return_sequences=True, masked=False, initial_state=True)
    ours = tl.Serial(over_time, tl.Dense(CLASSES), tl.Softmax())
    ours.init(shapes.signature(given), rng=KEY)
    ours.weights = ((_values(cell),), _values(densor), ())
    np.testing.assert_allclose(ours(given), expected, atol=TOLERANCE)


RULES = {
    "L1": (L1L2(l1=0.02), keras.regularizers.L1(0.02)),
    "L2": (L1L2(l2=0.03), keras.regularizers.L2(0.03)),
    "both": (L1L2(0.02, 0.03), keras.regularizers.L1L2(0.02, 0.03)),
    "max-norm": (MaxNorm(0.8), keras.constraints.MaxNorm(0.8)),
    "max-norm of each vector": (MaxNorm(0.8, axis=1), keras.constraints.MaxNorm(0.8, axis=1)),
    "unit-norm": (UnitNorm(), keras.constraints.UnitNorm()),
    "unit-norm of each vector": (UnitNorm(axis=1), keras.constraints.UnitNorm(axis=1)),
    "non-negative": (NonNegative(), keras.constraints.NonNeg()),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_have_keras_values_on_any_matrix_and_on_zeros(name, random):
    ours, theirs = RULES[name]
    for matrix in (random.normal(size=(VOCABULARY, FEATURES)).astype(np.float32), np.zeros((3, 2), np.float32)):
        np.testing.assert_allclose(ours(matrix), theirs(matrix), atol=TOLERANCE, rtol=TOLERANCE)


@pytest.mark.parametrize("name", ["both", "max-norm"])
def test_training_with_a_rule_moves_weights_and_loss_as_keras_does(name, ids, random):
    ours, theirs = RULES[name]
    kind = "regularizer" if isinstance(ours, L1L2) else "constraint"
    embedding = keras.layers.Embedding(VOCABULARY, FEATURES, mask_zero=True, **{f"embeddings_{kind}": theirs})
    model = keras.Sequential([embedding, keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(CLASSES)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(0.5), loss=loss, jit_compile=False)
    filled = np.where(MASK.any(axis=1)[:, None], ids, 1)  # Keras divides by zero where a text has no token
    targets = random.integers(0, CLASSES, BATCH)
    model.build(filled.shape)

    trained = masked_serial(
        Embedding(VOCABULARY, FEATURES, mask_zero=True, **{kind: ours}),
        MaskedMean(),
        tl.Dense(CLASSES),
        tl.LogSoftmax(),
    )
    trained.init(shapes.signature(filled), rng=KEY)
    trained.weights = (_values(embedding)[0], (), _values(model.layers[-1]), ())
    batch = (filled, targets.astype(np.int32), np.ones(BATCH, np.float32))
    with_loss = training._model_with_ends(trained, [tl.CrossEntropyLoss()], shapes.signature(batch))
    optimizer = optimizers.SGD(0.5)
    optimizer.tree_init(with_loss.weights)
    trainer = Trainer(with_loss, optimizer, batch)
    for step in range(4):
        expected = model.train_on_batch(filled, targets) if step == 0 else _fresh_loss(model, filled, targets)
        reported, _ = trainer.one_step(batch, KEY, step)
        np.testing.assert_allclose(reported, expected, rtol=1e-5)
        np.testing.assert_allclose(trained.weights[0], _values(embedding)[0], atol=TOLERANCE)


def _fresh_loss(model, inputs, targets):
    model.reset_metrics()  # Keras reports the mean over the steps since the last reset
    return model.train_on_batch(inputs, targets)
