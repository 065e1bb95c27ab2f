"""Trax's own training works on today's JAX: loops, checkpoints, several devices, and what it calls."""

import json
import random
import sys
from pathlib import Path

import gin
import jax
import numpy as np
import pytest

from sentiment.trax_runtime import fastmath, lr_schedules, optimizers, shapes, tl, training
from sentiment.trax_runtime.stand_ins import stood_in


def test_traxs_layers_and_optimizers_are_gins_to_bind():
    with gin.unlock_config():
        gin.parse_config("trax.optimizers.Adam.learning_rate = 0.25\nTrainTask.n_steps_per_checkpoint = 7")
    try:
        assert optimizers.Adam().opt_params["learning_rate"] == 0.25
        data = iter([(np.zeros((1, 1)), np.zeros((1, 1)))])
        assert training.TrainTask(data, tl.L2Loss(), optimizers.Adam()).n_steps_per_checkpoint == 7
        with pytest.raises(ValueError, match="learning_speed"):
            gin.parse_config("trax.optimizers.Adam.learning_speed = 0.25")
    finally:
        gin.clear_config()


def test_the_file_operations_given_to_trax_are_real(tmp_path):
    with stood_in():
        import tensorflow.compat.v2 as tf
    gfile = tf.io.gfile
    folder, first, second = tmp_path / "a" / "b", tmp_path / "a" / "b" / "first", tmp_path / "a" / "b" / "second"
    for _ in range(2):
        gfile.makedirs(str(folder))
    with gfile.GFile(str(first), "w") as file:
        file.write("größe")
    assert first.read_bytes() == "größe".encode()
    assert gfile.exists(str(first))
    assert not gfile.exists(str(second))
    gfile.rename(str(first), str(second))
    with gfile.GFile(str(second), "rb") as file:
        assert file.read() == "größe".encode()
    first.write_text("new")
    with pytest.raises(FileExistsError, match="second"):
        gfile.rename(str(first), str(second))
    gfile.rename(str(first), str(second), overwrite=True)
    assert second.read_text() == "new"
    with pytest.raises(FileNotFoundError):
        gfile.GFile(str(first))
    with pytest.raises(AttributeError, match="listdir"):
        _ = gfile.listdir


def test_the_tensorflow_backend_says_that_it_is_not_there():
    with pytest.raises(NotImplementedError, match="needs TensorFlow"), fastmath.use_backend(fastmath.Backend.TFNP):
        fastmath.numpy.zeros(2)


def test_the_numpy_backend_still_has_its_logsumexp():
    with fastmath.use_backend(fastmath.Backend.NUMPY):
        assert fastmath.logsumexp(np.zeros(4)) == pytest.approx(np.log(4))


def test_unflattening_keeps_marked_subtrees_and_never_compares_an_array():
    flat = [np.ones(2), jax.numpy.zeros(3), np.float32(5), 7]
    marker = {"__marker__": ()}
    tree = (np.zeros((4, 4)), [(), jax.numpy.zeros(1)], {"a": np.zeros(2), "b": None}, marker)
    (first, second, third, fourth), rest = fastmath.tree_unflatten(flat, tree, copy_from_tree=[None, (), marker])
    assert first is flat[0]
    assert second[0] == ()
    assert second[1] is flat[1]
    assert third == {"a": flat[2], "b": None}
    assert fourth is marker
    assert rest == [7]
    assert fastmath.tree_unflatten([1, 2], ("x", ["y"])) == ((1, [2]), [])
    assert fastmath.tree_unflatten([1], np.zeros(2), copy_from_tree=[()]) == (1, [])


def test_assert_shape_names_the_line_that_made_it():
    layer = tl.AssertShape("ab,ab")
    line = sys._getframe().f_lineno - 1
    with pytest.raises(ValueError, match=f"{Path(__file__).name}:{line}"):
        layer.forward([np.zeros((2, 3)), np.zeros((3, 2))])


def linear_task(seed=0, batch=8):
    """Batches (x float32 [batch, 3], y float32 [batch, 1]) of y = x @ (1, -2, 0.5), and their loss."""
    draw = np.random.default_rng(seed)
    weights = np.array([[1.0], [-2.0], [0.5]], np.float32)
    while True:
        x = draw.normal(size=(batch, 3)).astype(np.float32)
        yield x, x @ weights, np.ones((batch, 1), np.float32)


def adam_loop(folder, seed=0):
    task = training.TrainTask(linear_task(seed), tl.L2Loss(), optimizers.Adam(0.05), n_steps_per_checkpoint=10)
    evals = training.EvalTask(linear_task(seed + 1), [tl.L2Loss()])
    model = tl.Serial(tl.Dense(4), tl.Dense(1))
    return training.Loop(model, task, eval_tasks=evals, output_dir=str(folder), random_seed=1)


@pytest.fixture
def global_generators():
    """`Loop()` reseeds them; the other tests shall not notice."""
    python_state, numpy_state = random.getstate(), np.random.get_state()
    yield
    random.setstate(python_state)
    np.random.set_state(numpy_state)


@pytest.mark.usefixtures("global_generators")
def test_a_loop_with_adam_saved_by_trax_is_resumed_by_trax(tmp_path, capsys):
    first = adam_loop(tmp_path)
    first.run(20)
    second = adam_loop(tmp_path)
    assert second.step == 20
    for ours, theirs in [
        (second.model.weights, first.model.weights),
        (second._trainer_per_task[0].slots, first._trainer_per_task[0].slots),
    ]:
        ours, theirs = (jax.tree_util.tree_leaves(tree) for tree in (ours, theirs))
        assert len(ours) == len(theirs) > 0
        assert all(np.array_equal(one, other) for one, other in zip(ours, theirs, strict=True))
    second.run(10)
    assert second.step == 30
    losses = dict(second.history.get("train", "metrics/L2Loss"))
    assert losses[30] < losses[10]
    assert "L2Loss" in capsys.readouterr().out


@pytest.mark.usefixtures("global_generators")
def test_the_counters_file_in_an_output_directory_is_neither_read_nor_written(tmp_path, capsys):
    poison, ran = tmp_path / "data_counters0.pkl", tmp_path / "ran"
    poison.write_bytes(f"cos\nsystem\n(S'touch {ran}'\ntR.".encode())
    before = poison.read_bytes()
    adam_loop(tmp_path).run(10)
    assert not ran.exists()
    assert poison.read_bytes() == before
    assert "step" in capsys.readouterr().out.lower()


def test_two_devices_train_with_traxs_own_trainer_and_end_where_one_device_does(python):
    script = """
        import contextlib, io, json
        import jax, numpy as np
        from sentiment.trax_runtime import optimizers, tl, training

        def batches():
            draw = np.random.default_rng(0)
            while True:
                x = draw.normal(size=(8, 3)).astype(np.float32)
                yield x, x @ np.array([[1.0], [-2.0], [0.5]], np.float32), np.ones((8, 1), np.float32)

        task = training.TrainTask(batches(), tl.L2Loss(), optimizers.Adam(0.05), n_steps_per_checkpoint=10)
        evals = training.EvalTask(batches(), [tl.L2Loss()], n_eval_batches=4)
        with contextlib.redirect_stdout(io.StringIO()):
            model = tl.Serial(tl.Dense(4), tl.Relu(), tl.Dense(1))
            loop = training.Loop(model, task, eval_tasks=evals, random_seed=1)
            loop.run(30)
        losses = [float(loss) for _, loss in loop.history.get("train", "metrics/L2Loss")]
        evaluated = [float(loss) for _, loss in loop.history.get("eval", "metrics/L2Loss")]
        weights = [np.asarray(leaf).ravel().tolist() for leaf in jax.tree_util.tree_leaves(loop.model.weights)]
        print(json.dumps([jax.device_count(), loop.n_devices, losses, evaluated, weights]))
    """
    results = [
        json.loads(python(script, JAX_PLATFORMS="cpu", XLA_FLAGS=f"--xla_force_host_platform_device_count={count}"))
        for count in (1, 2)
    ]
    for count, (devices, used, losses, evaluated, _) in zip((1, 2), results, strict=True):
        assert (devices, used) == (count, count)
        assert np.isfinite(losses).all()
        assert losses[-1] < 0.5 * losses[0]
        assert evaluated[-1] < 0.5 * evaluated[0]
    one, two = (np.concatenate(weights) for *_, weights in results)
    np.testing.assert_allclose(one, two, rtol=1e-3, atol=1e-4)


def test_what_newer_jax_renamed_or_dropped_is_there_for_the_layers_that_ask():
    layer = tl.InfinitePositionalEncoding(affine=False)
    x = np.zeros((1, 4, 8), np.float32)
    layer.init(shapes.signature(x))
    assert np.abs(layer(x)).max() > 0
    attention = sys.modules[tl.LSHSelfAttention.__module__].fastmath
    for pred, chosen in [(True, 3), (False, 5)]:
        named = attention.cond(pred=pred, true_operand=2, true_fun=lambda x: x + 1, false_operand=-5, false_fun=abs)
        assert named == chosen
    assert fastmath.cond(True, lambda x: x + 1, abs, 2) == 3


def test_what_is_put_on_the_cpu_is_bound_to_no_device():
    assert isinstance(tl.on_cpu((jax.numpy.zeros(2),))[0], np.ndarray)


def test_traxs_schedules_and_shapes_came_along():
    assert lr_schedules.constant(0.5)(3) == 0.5
    assert shapes.signature(np.zeros((2, 3), np.int32)) == shapes.ShapeDtype((2, 3), np.int32)
