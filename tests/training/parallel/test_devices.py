"""Two devices, in one process or in two, train as one does."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import many_devices
import numpy as np
import pytest
from paths import FIXTURES, ROOT
from small_trainers import D, V

from sentiment.batching.batches import Batches, Examples, next_tokens, share_of
from sentiment.batching.samplers import BalancedSampler
from sentiment.training.parallel.devices import Devices
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

WORKER = Path(many_devices.__file__)
TWO_VIRTUAL = "--xla_force_host_platform_device_count=2"


def _start(out: Path, *arguments: str, flags: str = "") -> subprocess.Popen:
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}
    return subprocess.Popen([sys.executable, str(WORKER), str(out), *arguments], env=environment)


def _wait(processes: list[subprocess.Popen]) -> None:
    try:
        assert [process.wait(300) for process in processes] == [0] * len(processes)
    finally:
        for process in processes:
            process.kill()


@pytest.fixture(scope="module")
def one() -> dict:
    """What one device comes to, in this process."""
    return many_devices.results()


@pytest.fixture(scope="module")
def virtual(tmp_path_factory) -> list[dict]:
    """What two virtual devices of one process come to."""
    out = tmp_path_factory.mktemp("virtual") / "0.npz"
    _wait([_start(out, flags=TWO_VIRTUAL)])
    return [dict(np.load(out))]


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> list[dict]:
    """What each of two processes comes to, of one device each, that meet on loopback."""
    folder = tmp_path_factory.mktemp("two")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    outs = [folder / f"{process}.npz" for process in range(2)]
    _wait([_start(out, f"127.0.0.1:{port}", "2", str(process)) for process, out in enumerate(outs)])
    return [dict(np.load(out)) for out in outs]


@pytest.mark.parametrize("where", ["virtual", "two"])
def test_losses_are_those_of_one_device_over_200_steps_and_so_are_all_weights(where, one, request):
    for found in request.getfixturevalue(where):
        assert found["devices"] == 2
        for name, array in one.items():
            np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-5, err_msg=name)
        assert len(np.unique(found["lazy/losses"])) > 150, "there is something to compare"


@pytest.mark.parametrize("where", ["virtual", "two"])
def test_the_same_devices_come_to_the_same_bits(where, request):
    for found in request.getfixturevalue(where):
        assert found["same"]


def test_both_processes_have_the_same_bits(two):
    for name, array in two[0].items():
        assert array.tobytes() == two[1][name].tobytes(), name


@pytest.mark.parametrize("where", ["virtual", "two"])
def test_lazy_updates_exchange_the_gradients_of_the_batchs_rows_alone(where, request):
    for found in request.getfixturevalue(where):
        shapes = found["exchanged"].tolist()
        assert f"f32[64,{D}]" in shapes, "room for the batch's rows"
        assert f"f32[{V},{D}]" not in shapes, "the table"


@pytest.mark.parametrize("where", ["virtual", "two"])
def test_a_batch_that_devices_cannot_share_is_refused_in_one_line(where, request):
    for found in request.getfixturevalue(where):
        assert found["refused"] == "a batch of 5 rows: 2 devices can't share it equally; use 4 or 6"
        assert str(found["refused_parts"]).endswith("2 equal parts that 2 devices can share; use 1 or 3")


@pytest.mark.parametrize("where", ["virtual", "two"])
def test_a_batch_in_parts_stays_where_it_is(where, request):
    for found in request.getfixturevalue(where):
        assert found["moved"].tolist() == []


def test_an_evaluation_is_shared_by_all_devices_and_finds_what_one_finds(tmp_path):
    bindings = ["Recipe.steps = 20", f"load_corpus.source = '{FIXTURES / 'moods.csv'}'"]
    bindings += ["load_corpus.label_column = 'mood'", "mean_classifier.d_embedding = 8"]
    run = train(ROOT / "configs" / "mean.gin", bindings, tmp_path / "run").path
    texts = ["so happy today", "crying all night", "", "a quiet walk", "what?"]
    program = """
import json, sys, jax, numpy as np
from sentiment.training.trained_model import TrainedModel
model = TrainedModel.load(sys.argv[1])
shares = model.apply(np.ones((6, 4), np.int32)).addressable_shards
print(json.dumps([[len(each.data) for each in shares], model.probabilities(json.loads(sys.argv[2])).tolist()]))
"""
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": TWO_VIRTUAL, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, str(run), json.dumps(texts)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    shares, probabilities = json.loads(done.stdout)
    assert shares == [3, 3]
    np.testing.assert_allclose(probabilities, TrainedModel.load(run).probabilities(texts), atol=1e-6)


def test_with_one_device_nothing_is_placed():
    devices = Devices(jax.local_devices()[:1])
    arrays = [np.ones(3)]
    assert devices.whole(arrays) is arrays
    assert devices.shared(arrays, axis=0) is arrays
    assert devices.share == (0, 1)


@pytest.mark.parametrize("form", [None, next_tokens])
def test_the_shares_of_a_batch_are_the_batch(form):
    class _AsTheyAre:
        def encode(self, tokens):
            return np.array(tokens, np.int32)

    texts = [list(range(1, n + 2)) for n in range(20)]
    examples = Examples.encode(texts, np.arange(20) % 2, _AsTheyAre())
    batches = Batches(examples, BalancedSampler(examples.labels, 6, 1), (4, 8), form)
    for step in range(5):
        whole = batches.batch(step)
        for n, array in enumerate(whole):
            shares = [batches.batch(step, (which, 3))[n] for which in range(3)]
            np.testing.assert_array_equal(np.concatenate(shares), array)
            np.testing.assert_array_equal(share_of(array, (1, 3)), shares[1])


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc, which Linux alone has")
@pytest.mark.parametrize(("given", "threads"), [({}, 1), ({"NPROC": "2"}, 2)], ids=["unset", "set"])
def test_lazy_training_begins_on_one_thread_unless_nproc_says_otherwise(given, threads):
    script = (
        "import os; from pathlib import Path; from sentiment.training.parallel.devices import begin_on_one_thread\n"
        "before = dict(os.environ); begin_on_one_thread(); assert dict(os.environ) == before\n"
        "import jax.numpy as np; (np.ones((900, 900)) @ np.ones((900, 900))).block_until_ready()\n"
        "names = [file.read_text() for file in Path('/proc/self/task').glob('*/comm')]\n"
        "print(sum('XLAEigen' in name for name in names))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NPROC"} | {"XLA_FLAGS": ""} | given
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) == threads
