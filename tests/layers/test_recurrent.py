"""Recurrent layers against Trax's own and the unrolled loop; one cell in several models; single steps."""

import jax
import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.layers import GRU, LSTM, Embedding, GRUCell, LSTMCell, Recurrent, one_step, recurrent_cell
from sentiment.trax_runtime import fastmath, shapes, tl

KEY = fastmath.random.get_prng(0)
BATCH, LENGTH, FEATURES, UNITS, CLASSES = 3, 5, 4, 4, 6


@pytest.fixture
def given():
    """An input sequence and the states to begin with (seed 002: X, a0, c0)."""
    random = np.random.default_rng(0)
    shapes_of = ((BATCH, LENGTH, FEATURES), (BATCH, UNITS), (BATCH, UNITS))
    return tuple(random.normal(size=shape).astype(np.float32) for shape in shapes_of)


@pytest.fixture(scope="module")
def language_model():
    layers = Embedding(9, FEATURES), LSTM(UNITS, return_sequences=True, masked=False)
    model = tl.Serial(*layers, tl.Dropout(0.5, mode="eval"), tl.Dense(9), tl.LogSoftmax())
    model.init(shapes.ShapeDtype((1, 1), np.int32), rng=KEY)
    return model


def test_an_lstm_equals_traxs_where_units_equal_features(given):
    sequence = given[0]
    ours, theirs = LSTM(UNITS, return_sequences=True, masked=False), tl.LSTM(UNITS)
    for layer in (ours, theirs):
        layer.init(shapes.signature(sequence), rng=KEY)
    kernel, recurrent, bias = ours.weights[0]
    by_gate = [np.split(part, 4, axis=-1) for part in (np.vstack([kernel, recurrent]), bias)]
    in_their_order = [np.concatenate([gates[gate] for gate in (0, 2, 1, 3)], axis=-1) for gates in by_gate]
    theirs.weights = jax.tree.unflatten(jax.tree.structure(theirs.weights), in_their_order)
    np.testing.assert_allclose(ours(sequence), theirs(sequence), atol=1e-6)


@pytest.mark.parametrize("cell_type", [LSTMCell, GRUCell])
def test_the_scan_equals_the_unrolled_loop_over_the_same_cell_and_dense(cell_type, given):
    cell, dense = cell_type(UNITS), tl.Dense(CLASSES)
    inputs = given[: 1 + cell.n_states]
    scanned = tl.Serial(Recurrent(cell, return_sequences=True, masked=False, initial_state=True), dense)
    scanned.init(shapes.signature(inputs), rng=KEY)
    sequence, *states = inputs
    unrolled = []
    for t in range(LENGTH):
        output, *states = cell((sequence[:, t], *states))
        unrolled.append(dense(output))
    np.testing.assert_allclose(scanned(inputs), np.stack(unrolled, axis=1), atol=1e-6)
    assert sum(leaf.size for leaf in jax.tree.leaves(scanned.weights)) == sum(
        leaf.size for leaf in jax.tree.leaves((cell.weights, dense.weights))
    )


def test_a_cell_runs_in_traxs_own_scan_too(given):
    cell = LSTMCell(UNITS)
    ours = Recurrent(cell, return_sequences=True, masked=False, initial_state=True)
    theirs = tl.Serial(tl.Scan(cell, axis=1, n_carry=cell.n_states), tl.Select([0], n_in=3))
    for layer in (ours, theirs):
        layer.init(shapes.signature(given), rng=KEY)
    np.testing.assert_allclose(ours(given), theirs(given), atol=1e-6)


def test_the_program_does_not_grow_with_the_sequence(language_model):
    model = language_model

    def program(length):
        traced = jax.make_jaxpr(lambda ids: model.pure_fn(ids, model.weights, model.state, KEY)[0])
        return str(traced(np.zeros((2, length), np.int32)))

    for length in (5, 50):
        assert program(length).count("dot_general[") == 3, "of all inputs, of one step's state, of all outputs"
        assert program(length).count("scan[") == 1


def test_units_need_not_equal_features(given):
    for layer in (LSTM(9, masked=False), GRU(2, masked=False)):
        layer.init(shapes.signature(given[0]), rng=KEY)
        assert layer.output_signature(shapes.signature(given[0])).shape == (BATCH, layer.cell.units)


def test_the_initial_weights_are_keras_kind(given):
    layer = LSTM(UNITS, masked=False)
    layer.init(shapes.signature(given[0]), rng=KEY)
    _, recurrent, bias = layer.weights[0]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-6)
    np.testing.assert_array_equal(bias.reshape(4, UNITS), np.repeat([[0], [1], [0], [0]], UNITS, axis=1))


def test_step_by_step_a_language_model_gives_what_it_gives_for_the_whole_sequence(language_model):
    model = language_model
    ids = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 5]], np.int32)
    whole = model(ids)
    np.testing.assert_allclose(np.exp(whole).sum(axis=-1), 1, rtol=1e-5)
    step, states = one_step(model), recurrent_cell(model).zero_states(len(ids))
    for t in range(ids.shape[1]):
        log_probabilities, *states = step((ids[:, t], *states))
        np.testing.assert_allclose(log_probabilities, whole[:, t], atol=1e-6)


def test_a_step_has_the_models_weights_after_they_are_replaced(language_model):
    model = language_model
    step = one_step(model)
    model.weights = jax.tree.map(lambda leaf: leaf + 1, model.weights)
    for one, other in zip(jax.tree.leaves(model.weights), jax.tree.leaves(step.weights), strict=True):
        assert one is other


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (lambda: [tl.Dense(3)], "0 recurrent layers"),
        (lambda: [LSTM(3, return_sequences=True, masked=False), GRU(3, masked=False)], "2 recurrent layers"),
        (lambda: [LSTM(3, masked=False)], "LSTM_3: to generate, it must be made with return_sequences=True"),
        (lambda: [LSTM(3, return_sequences=True)], "LSTM_3: to generate.* masked=False"),
        (lambda: [GRU(3, return_sequences=True, masked=False), tl.Mean(axis=1)], "Mean looks at more than one step"),
    ],
)
def test_a_model_that_can_not_generate_is_refused(layers, message):
    with pytest.raises(InputError, match=message):
        one_step(tl.Serial(Embedding(9, 3), *layers()))
