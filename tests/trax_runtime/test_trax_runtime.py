"""Trax from 2021 on today's jax: it imports quickly, leaves nothing in place, and its own training works again."""

import json
import os
import random
import struct
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path

import gin
import jax
import numpy as np
import pytest
from paths import ROOT
from trax_own_tests import FILES, differences, expected_failures, run_file

from sentiment.trax_runtime import fastmath, lr_schedules, optimizers, shapes, tl, training
from sentiment.trax_runtime.board import SummaryWriter, markdownify_operative_config_str
from sentiment.trax_runtime.stand_ins import stood_in

QUICK = (
    "shapes_test.py",
    "optimizers/optimizers_test.py",
    "supervised/lr_schedules_test.py",
    "supervised/history_test.py",
    "layers/base_test.py",
    "layers/core_test.py",
    "layers/initializers_test.py",
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The environment in which a process finds its modules compiled, as any second run does."""
    if Path(jax.__cached__).exists():
        return dict(os.environ)
    folder = tmp_path_factory.mktemp("compiled")
    return {**os.environ, "PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


@pytest.fixture
def python(compiled):
    """Runs a script in a process of its own, in which every warning is an error, and gives its standard output."""

    def run(script, *paths, **environment):
        path = os.pathsep.join(map(str, [*paths, ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
            env={**compiled, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


# -- what the import brings, and what it leaves


def test_the_import_brings_no_tensorflow_gym_matplotlib_or_more_of_trax(python):
    script = """
        import sys
        import sentiment.trax_runtime
        tops = {name.split(".")[0] for name in sys.modules}
        assert not tops & {"tensorflow", "tensorflow_datasets", "gym", "matplotlib", "scipy", "sentencepiece"}, tops
        assert not [name for name in sys.modules if name.startswith(("trax.data", "trax.rl", "trax.models"))]
        assert "trax.jaxboard" not in sys.modules
        import scipy.special
        assert scipy.special.logsumexp([0.0]) == 0
    """
    python(script)


def test_the_import_initialises_no_device_so_that_a_cluster_can_still_be_joined(python):
    python("import sentiment.trax_runtime\nfrom jax._src import xla_bridge\nassert not xla_bridge._backends")


def test_the_import_that_training_needs_takes_two_seconds_of_cpu_at_most_and_trax_little_of_them(python):
    script = """
        import time
        import jax
        before = time.process_time()
        from sentiment.trax_runtime import optimizers, tl, training
        print(before, time.process_time())
    """
    times = [[float(seconds) for seconds in python(script).split()] for _ in range(4)]
    assert min(after for _, after in times) <= 2.0
    assert min(after - before for before, after in times) <= 0.5


def test_no_warning_escapes_even_while_trax_is_being_compiled(python, tmp_path):
    """Trax's `is ()` would be told of each time Python compiles it; the rest of the world is compiled beforehand."""
    script = f"""
        import sys
        import absl.logging, gin, jax.numpy, psutil, scipy.special, six
        sys.pycache_prefix = {str(tmp_path)!r}
        import sentiment.trax_runtime
    """
    python(script)


def test_a_syntax_warning_of_anybody_else_is_still_an_error():
    with pytest.raises(SyntaxError, match="literal"):
        compile("1 is ()", "somewhere/else.py", "exec")


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_users_own_tensorflow_works_imported_before_or_after_us(python, tmp_path, order):
    package = tmp_path / "tensorflow"
    (package / "compat").mkdir(parents=True)
    (package / "__init__.py").write_text("from tensorflow import io\n__version__ = '99.0'\n")
    (package / "io.py").write_text("gfile = 'the real one'\n")
    (package / "compat" / "__init__.py").write_text("")
    (package / "compat" / "v2.py").write_text("from tensorflow import __version__\n")
    theirs = """
        import tensorflow as tf
        assert (tf.__version__, tf.io.gfile) == ("99.0", "the real one")
    """
    ours = """
        from sentiment.trax_runtime import tl
    """
    both = """
        import sys, numpy
        import tensorflow, tensorflow.io
        import tensorflow.compat.v2 as tf2
        assert sys.modules["tensorflow"] is tensorflow is tf
        assert tf2.__version__ == "99.0"
        assert not hasattr(tensorflow, "TensorShape")
        assert tl.Relu()(numpy.array([-1.0, 2.0])).tolist() == [0, 2]
    """
    parts = [theirs, ours, both] if order == "before" else [ours, theirs, both]
    python("".join(textwrap.dedent(part) for part in parts), tmp_path)


def test_the_real_trax_data_is_still_what_a_later_import_of_it_finds(python):
    """It needs TensorFlow, which isn't here; so its own import error comes, and not our stand-in."""
    python("""
        import sentiment.trax_runtime
        try:
            import trax.data
        except ModuleNotFoundError as error:
            assert error.name == "tensorflow", error
        else:
            raise AssertionError("trax.data came without TensorFlow")
    """)


def test_nothing_is_added_to_or_taken_from_jax_gzip_and_inspect(python):
    python("""
        import gzip, inspect, jax
        modules = (jax, gzip, inspect)
        before = [dict(vars(module)) for module in modules]
        import sentiment.trax_runtime
        for module, was in zip(modules, before):
            now = dict(vars(module))
            # A submodule that somebody imports becomes an attribute of its package; nothing else may change.
            new = {name for name in now.keys() - was.keys() if type(now[name]) is not type(jax)}
            assert not new, new
            assert all(now[name] is was[name] for name in was)
    """)


def test_a_failing_import_takes_its_stand_ins_along(python, tmp_path):
    (tmp_path / "psutil.py").write_text("raise ImportError('no psutil today')")
    python(
        """
        import sys
        try:
            import sentiment.trax_runtime
        except ImportError as error:
            assert "no psutil today" in str(error)
        tops = {name.split(".")[0] for name in sys.modules}
        assert not tops & {"tensorflow", "tensorflow_datasets", "scipy"}
        assert not {"trax", "trax.supervised", "trax.data"} & set(sys.modules)
        """,
        tmp_path,
    )


def test_importing_it_anew_in_the_same_process_gives_the_same_trax(python):
    python("""
        import sys
        from sentiment.trax_runtime import tl
        relu = tl.Relu
        for name in [name for name in sys.modules if name.startswith("sentiment")]:
            del sys.modules[name]
        from sentiment.trax_runtime import tl as again
        assert again is tl and again.Relu is relu
    """)


# -- gin


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


# -- stand-ins


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


# -- repairs


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


# -- TensorBoard events


def events_of(folder):
    """Every event under `folder` as (step, summary value), read from the record format itself."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(Path(folder).glob("events.out.tfevents.*")):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + length])
            found += [(event.step, value) for value in event.summary.value]
            at += length + 16
    return found


def test_scalars_texts_and_pictures_are_written_as_tensorboard_events(tmp_path):
    writer = SummaryWriter(tmp_path / "new" / "train")
    writer.scalar("loss", np.float32(0.5), step=3)
    writer.scalar("accuracy", jax.numpy.ones(()))
    writer.text("note", "**hello**")
    picture = np.zeros((2, 3, 3), np.uint8)
    picture[1, 2] = 10, 20, 30
    writer.image("picture", picture, step=4)
    writer.image("grey", np.array([[0.0, 2.0]]))
    writer.flush()
    writer.close()
    writer.close()
    events = [(step, value.tag) for step, value in events_of(tmp_path / "new" / "train")]
    assert events == [(3, "loss"), (3, "accuracy"), (3, "note/text_summary"), (4, "picture"), (4, "grey")]
    loss, accuracy, note, colour, grey = (value for _, value in events_of(tmp_path / "new" / "train"))
    assert (loss.simple_value, accuracy.simple_value) == (0.5, 1.0)
    assert note.tensor.string_val == [b"**hello**"]
    assert (colour.image.height, colour.image.width, colour.image.colorspace) == (2, 3, 3)
    assert pixels_of(colour.image.encoded_image_string) == b"\0" + bytes(9) + b"\0" + bytes(6) + bytes([10, 20, 30])
    assert pixels_of(grey.image.encoded_image_string) == b"\0" + bytes(3) + b"\xff" * 3


def pixels_of(png):
    """The unpacked rows of a PNG of one IDAT chunk, each with its filter byte, after checking every checksum."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += length + 12
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    return zlib.decompress(chunks[b"IDAT"])


def test_two_writers_of_one_second_do_not_share_a_file(tmp_path):
    for step in range(3):
        writer = SummaryWriter(tmp_path)
        writer.scalar("loss", step, step)
        writer.close()
    assert sorted((step, value.simple_value) for step, value in events_of(tmp_path)) == [(0, 0.0), (1, 1.0), (2, 2.0)]


def test_a_writer_that_is_not_enabled_writes_nothing(tmp_path):
    writer = SummaryWriter(tmp_path / "off", enable=False)
    writer.scalar("loss", 1.0, 1)
    writer.flush()
    writer.close()
    assert not list(tmp_path.rglob("events*"))


@pytest.mark.parametrize("shape", [(3,), (2, 2, 4), (1, 2, 2, 3)])
def test_what_is_no_picture_is_refused(tmp_path, shape):
    writer = SummaryWriter(tmp_path)
    with pytest.raises(ValueError, match="shape"):
        writer.image("picture", np.zeros(shape))
    writer.close()


def test_an_operative_config_becomes_markdown():
    config = (
        "# Parameters for Adam:\n# ====================\nAdam.learning_rate = 0.1\n\n# Parameters for x:\n# None.\n#"
    )
    markdown = "#### Parameters for Adam:\n\n    Adam.learning_rate = 0.1\n    \n#### Parameters for x:\n    # None.\n"
    assert markdownify_operative_config_str(config) == markdown


# -- Trax's own tests


@pytest.mark.parametrize("file", QUICK)
def test_traxs_own_tests_are_as_expected(file, compiled):
    assert differences(run_file(file, compiled), expected_failures()) == []


@pytest.mark.slow
@pytest.mark.parametrize("file", [file for file in FILES if file not in QUICK])
def test_all_the_others_of_traxs_own_tests_are_as_expected(file, compiled):
    assert differences(run_file(file, compiled), expected_failures()) == []


def test_an_expected_failure_that_passes_is_a_difference_and_so_is_a_new_one():
    outcomes = [
        {"file": "a.py", "test": "T.old", "outcome": "passed", "why": ""},
        {"file": "a.py", "test": "T.new", "outcome": "failed", "why": "ValueError: x"},
        {"file": "a.py", "test": "T.known", "outcome": "failed", "why": "KeyError: y"},
    ]
    expected = {("a.py", "T.old"): "was broken", ("a.py", "T.known"): "is broken", ("not_run.py", "T.t"): "whatever"}
    assert differences(outcomes, expected) == ["a.py T.new failed: ValueError: x", "a.py T.old was expected to fail"]


def test_every_expected_failure_names_a_file_that_is_run_and_has_a_reason():
    for (file, test), reason in expected_failures().items():
        assert file in FILES, test
        assert len(reason.split()) >= 4, (file, test)
