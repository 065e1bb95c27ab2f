"""Two nodes of Ray, each with processes of its own on the loopback: what one of them loses, the other does again."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.scale.cluster import connected
from sentiment.storage.tensors import load_tensors

# Ray's nodes are forked, of a process in which earlier tests may have started JAX's threads (scale/cluster.py).
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings(r"ignore:os\.fork\(\) was called:RuntimeWarning")]
FLAGS = ["--config", "mean", "--corpus", FIXTURES / "moods.csv", "--label", "mood", "--steps", 60]


@pytest.fixture
def cluster():
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield nodes
    nodes.shutdown()


def _slowly_doubled(batch: list[int]) -> list[int]:
    time.sleep(0.2)
    return [2 * number for number in batch]


def test_a_node_that_goes_takes_no_batch_with_it(cluster):
    second = cluster.add_node(num_cpus=2)
    with connected(cluster.address):
        from sentiment.scale.batches import map_batches

        results = map_batches(_slowly_doubled, ([number] for number in range(60)))
        found = [next(results) for _ in range(10)]
        cluster.remove_node(second, allow_graceful=False)
        found += results
    assert found == [[2 * number] for number in range(60)]


def test_two_nodes_train_to_what_one_process_does(cluster, tmp_path):
    cluster.add_node(num_cpus=1)
    trained = {}
    for name, flags in {"one": [], "two": ["--ray", cluster.address, "--workers", 2]}.items():
        command = [sys.executable, ROOT / "scripts" / "train.py", *FLAGS, "--run", tmp_path / name, *flags]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, done.stderr
        trained[name] = load_tensors(tmp_path / name / "weights.safetensors")[0]
    for name, tensor in trained["one"].items():
        np.testing.assert_allclose(trained["two"][name], tensor, rtol=0, atol=1e-5, err_msg=name)
    one, two = (json.loads((tmp_path / name / "metrics.json").read_text()) for name in trained)
    assert one["validation_accuracy"] == two["validation_accuracy"]
