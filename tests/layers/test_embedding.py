"""Embedding: a table looked up, its options, its refusals."""

import numpy as np
import pytest

from sentiment.batching.batches import Examples
from sentiment.errors import InputError
from sentiment.layers import L1L2, Embedding, NonNegative, check_ids
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl, training

KEY = fastmath.random.get_prng(0)
IDS = np.array([[4, 1, 0], [2, 2, 0]], np.int32)


def _refusal(call) -> str:
    """Returns the one line of the InputError that is raised; Trax wraps what its layers raise."""
    with pytest.raises(Exception) as caught:
        call()
    error = caught.value
    while error is not None and not isinstance(error, InputError):
        error = error.__context__
    assert error is not None, caught.value
    assert "\n" not in str(error)
    return str(error)


def test_a_lookup_is_the_product_of_one_hot_rows_with_the_table():
    layer = Embedding(6, 4)
    layer.init(shapes.signature(IDS), rng=KEY)
    np.testing.assert_array_equal(layer(IDS), tl.one_hot(IDS, 6) @ layer.weights)


def test_with_mask_zero_the_mask_comes_below_the_vectors():
    layer = Embedding(6, 4, mask_zero=True)
    layer.init(shapes.signature(IDS), rng=KEY)
    vectors, mask = layer(IDS)
    assert vectors.shape == (2, 3, 4)
    np.testing.assert_array_equal(mask, [[True, True, False], [True, True, False]])


@pytest.mark.parametrize(
    ("initializer", "deviation", "largest"),
    [
        ("uniform", 0.05 / 3**0.5, 0.05),
        ("normal", 0.05, 0.5),
        ("glorot_uniform", (2 / 1050) ** 0.5, (6 / 1050) ** 0.5),
        (tl.RandomUniformInitializer(2), 2 / 3**0.5, 2),
    ],
)
def test_initializers_have_keras_ranges(initializer, deviation, largest):
    layer = Embedding(1000, 50, initializer)
    layer.init(shapes.signature(IDS), rng=KEY)
    assert np.std(layer.weights) == pytest.approx(deviation, rel=0.02)
    assert np.abs(layer.weights).max() <= largest


def test_a_table_can_be_given():
    table = np.arange(24.0).reshape(6, 4)
    layer = Embedding(6, 4, table)
    layer.init(shapes.signature(IDS), rng=KEY)
    assert layer.weights.dtype == np.float32
    np.testing.assert_array_equal(layer(IDS), table[IDS])


def test_flatten_after_inputs_of_length_1_gives_one_vector_a_text():
    """Seed 004: `model2.output_shape` is (None, 4)."""
    ids = np.array([[0], [3]], np.int32)
    embedding = Embedding(10, 4, input_length=1)
    model, model2 = tl.Serial(embedding), tl.Serial(embedding, tl.Flatten())
    for each in (model, model2):
        each.init(shapes.signature(ids), rng=KEY)
    assert model(ids).shape == (2, 1, 4)
    assert model2(ids).shape == (2, 4)
    np.testing.assert_array_equal(model2(ids), model(ids)[:, 0])


def test_one_layer_in_two_models_is_one_table_and_training_one_moves_the_other():
    embedding = Embedding(6, 4)
    one = tl.Serial(embedding, tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())
    other = tl.Serial(embedding, tl.Max(axis=1))
    for model in (one, other):
        model.init(shapes.signature(IDS), rng=KEY)
    assert one.weights[0] is other.weights[0]
    before = np.asarray(other(IDS))
    batch = (IDS, np.array([0, 1]), np.ones(2, np.float32))
    task = training.TrainTask(
        iter(lambda: batch, None), tl.CrossEntropyLoss(), optimizers.Adam(0.1), sample_batch=batch
    )
    training.Loop(one, [task]).run(3)
    assert one.weights[0] is other.weights[0]
    assert np.abs(other(IDS) - before).max() > 0.1


def test_a_table_in_one_model_twice_is_there_once():
    embedding = Embedding(6, 4)
    model = tl.Serial(tl.Parallel(embedding, embedding), tl.Add())
    model.init(shapes.signature((IDS, IDS)), rng=KEY)
    np.testing.assert_allclose(model((IDS, IDS)), 2 * embedding.weights[IDS])


def test_a_table_that_is_not_trained_is_state_and_twice_the_same():
    embedding = Embedding(6, 4, trainable=False)
    model = tl.Serial(tl.Parallel(embedding, embedding), tl.Add())
    model.init(shapes.signature((IDS, IDS)), rng=KEY)
    assert embedding.weights == ()
    np.testing.assert_allclose(model((IDS, IDS)), 2 * embedding.state[IDS])


def test_only_the_given_input_length_is_accepted():
    model = tl.Serial(Embedding(6, 4, input_length=5), tl.Flatten(), tl.Dense(2))
    message = "Embedding_6_4: input_length is 5 and the ids are (2, 3): pad to this length"
    assert _refusal(lambda: model.init(shapes.signature(IDS), rng=KEY)).startswith(message)
    model.init(shapes.ShapeDtype((2, 5), np.int32), rng=KEY)
    assert _refusal(lambda: model(IDS)).startswith(message)
    apply = fastmath.jit(lambda ids: model.pure_fn(ids, model.weights, model.state, KEY)[0])
    assert apply(np.zeros((7, 5), np.int32)).shape == (7, 2)
    assert _refusal(lambda: apply(IDS)).startswith(message)


def test_ids_out_of_range_are_refused_with_their_row():
    check_ids(np.array([[0, 5], [1, 2]]), 6)
    check_ids(np.zeros((0, 3), np.int32), 6)
    with pytest.raises(InputError, match=r"^row 2: id 6 is not within 0\.\.5; encode texts with"):
        check_ids(np.array([[0, 5, 1], [1, 6, -1]]), 6)
    with pytest.raises(InputError, match=r"^row 1: id -1 is not within 0\.\.5"):
        check_ids(np.array([[0, -1]]), 6)
    with pytest.raises(InputError, match=r"^ids are float32: token ids are whole numbers"):
        check_ids(np.zeros((2, 3), np.float32), 6)


def test_the_row_is_named_too_where_rows_stand_end_to_end():
    examples = Examples(np.array([1, 2, 9, 3, 0], np.int32), np.array([0, 2, 2, 4]), np.zeros(3, np.int32))
    with pytest.raises(InputError, match=r"^row 3: id 9 is not within 0\.\.8"):
        check_ids(examples.ids, 9, examples.starts)
    check_ids(examples.ids, 10, examples.starts)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Embedding(0, 4), "sizes and input_length"),
        (lambda: Embedding(6, 0), "sizes and input_length"),
        (lambda: Embedding(6, 4, input_length=0), "sizes and input_length"),
        (lambda: Embedding(6, 4, "gaussian"), "Embedding_6_4: no initializer 'gaussian'; it is one of uniform, normal"),
        (lambda: Embedding(6, 4, np.zeros((6, 5))), r"Embedding_6_4: the matrix is \(6, 5\), the layer \(6, 4\)"),
        (lambda: Embedding(3, 1, np.array([[0], [1], [np.nan]])), "the matrix has NaN or infinity in row 3"),
        (lambda: Embedding(6, 4, regularizer=L1L2(l2=0.1), trainable=False), "does nothing with trainable=False"),
        (lambda: Embedding(6, 4, constraint=NonNegative(), trainable=False), "does nothing with trainable=False"),
    ],
)
def test_impossible_options_are_refused_when_the_layer_is_made(make, message):
    with pytest.raises(InputError, match=message):
        make()
