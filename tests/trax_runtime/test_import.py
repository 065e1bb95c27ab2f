"""Trax from 2021 is imported quickly on today's JAX, and leaves nothing in place."""

import textwrap

import pytest


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
