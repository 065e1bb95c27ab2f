"""Two nodes of Ray that share a disk and a cable, and nothing else: each in a network namespace of its own."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_tweets import contents, tweets, write
from paths import FIXTURES, ROOT

from sentiment.storage.tensors import load_tensors

pytestmark = pytest.mark.slow
HOSTS = {f"sentiment-{os.getpid()}-{letter}": f"10.213.7.{number}" for number, letter in enumerate("ab", start=1)}
HEAD = next(iter(HOSTS))
ADDRESS = f"{HOSTS[HEAD]}:6379"
NAMES = Path("/etc/netns")  # from which `ip netns exec` takes a namespace's own /etc/hosts
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}  # of this cluster alone
MOODS = ["--corpus", FIXTURES / "moods.csv", "--label", "mood", "--set", "mean_classifier.d_embedding = 8"]
WHERE = """
import time
from sentiment.scale.cluster import connected

def place(batch):
    import ray
    time.sleep(0.5)
    return ray.util.get_node_ip_address()

with connected({address!r}) as compute:
    print(*sorted(set(compute(place, range(8)))))
"""


def _ip(*words: object) -> None:
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True, text=True)


@contextlib.contextmanager
def _namespaces() -> Iterator[None]:
    """Two namespaces, named as HOSTS are, with a cable from one to the other; skips where none can be made."""
    cable = dict(zip(HOSTS, (f"v{os.getpid()}a", f"v{os.getpid()}b"), strict=True))
    first, second = cable.values()
    try:
        try:
            for name in HOSTS:
                _ip("netns", "add", name)
            _ip("link", "add", first, "type", "veth", "peer", "name", second)
            for name, address in HOSTS.items():
                _ip("link", "set", cable[name], "netns", name)
                _ip("-n", name, "addr", "add", f"{address}/24", "dev", cable[name])
                for device in ("lo", cable[name]):
                    _ip("-n", name, "link", "set", device, "up")
                # JAX's processes tell each other the address of their machine's name: here it isn't the loopback's.
                (NAMES / name).mkdir(parents=True)
                (NAMES / name / "hosts").write_text(f"127.0.0.1 localhost\n{address} {socket.gethostname()}\n")
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no network namespaces can be made here: {getattr(error, 'stderr', '') or error}")
        yield
    finally:
        for name in HOSTS if shutil.which("ip") else ():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
            shutil.rmtree(NAMES / name, ignore_errors=True)


def _within(host: str, *command: object, **settings: object) -> subprocess.Popen:
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        ["ip", "netns", "exec", host, *map(str, command)],
        env=environment | TOKEN | {"RAY_USAGE_STATS_ENABLED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **settings,
    )


def _done(process: subprocess.Popen) -> str:
    try:
        printed, _ = process.communicate(timeout=500)
    finally:
        process.kill()
    assert process.returncode == 0, printed
    return printed


def _on_head(*arguments: object) -> str:
    return _done(_within(HEAD, sys.executable, *arguments))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[None]:
    """A head in the first namespace and a node in the second, of one core each."""
    # Ray's sockets lie in its folder, and their names have an end.
    folder, ray = Path("/tmp") / HEAD, Path(sys.executable).with_name("ray")
    logs = tmp_path_factory.mktemp("ray")
    with _namespaces(), contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for host, address in HOSTS.items():
            head = ["--head", "--port", 6379, "--temp-dir", folder, "--include-dashboard", "false"]
            flags = head if host == HEAD else ["--address", ADDRESS]
            flags += ["--node-ip-address", address, "--num-cpus", 1, "--block"]
            node = _within(host, ray, "start", *flags, start_new_session=True)
            stack.callback(_ended, node, logs / host)
            _wait_for(host, node)
        yield


def _wait_for(host: str, node: subprocess.Popen) -> None:
    call = f"import socket; socket.create_connection({(HOSTS[HEAD], 6379)!r}, 1).close()"
    end = time.monotonic() + 120
    while subprocess.run(["ip", "netns", "exec", host, sys.executable, "-c", call], capture_output=True).returncode:
        assert node.poll() is None, node.communicate()
        assert time.monotonic() < end, "Ray's head can't be reached"
        time.sleep(0.5)


def _ended(node: subprocess.Popen, log: Path) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(node.pid, signal.SIGTERM)
    try:
        log.write_text(node.communicate(timeout=60)[0])
    except subprocess.TimeoutExpired:
        os.killpg(node.pid, signal.SIGKILL)


def test_both_compute(cluster, tmp_path):
    program = tmp_path / "where.py"
    program.write_text(WHERE.format(address=ADDRESS))
    end = time.monotonic() + 60
    while (found := _on_head(program).split()) != list(HOSTS.values()):
        assert time.monotonic() < end, found
        time.sleep(1)  # the second may still be coming


def test_a_training_of_one_process_on_each_has_the_weights_of_one(cluster, tmp_path):
    flags = [ROOT / "scripts" / "train.py", "--config", "mean", *MOODS, "--steps", 60, "--run"]
    _on_head(*flags, tmp_path / "one")
    _on_head(*flags, tmp_path / "two", "--ray", ADDRESS, "--workers", 2)
    one, two = (load_tensors(tmp_path / name / "weights.safetensors")[0] for name in ("one", "two"))
    for name, tensor in one.items():
        np.testing.assert_allclose(two[name], tensor, rtol=0, atol=1e-5, err_msg=name)


def test_a_preparation_and_a_prediction_have_the_bytes_of_one_machine(cluster, small_run, tmp_path):
    source = write(tmp_path / "a.csv", [["text", "label"], *tweets(3000)])
    prepare = [ROOT / "scripts" / "prepare.py", source, "--config", "mean", "--output"]
    predict = [ROOT / "scripts" / "predict.py", "--run", small_run, "--input", source, "--text", "text", "--output"]
    for name, cluster_flags in {"one": [], "two": ["--ray", ADDRESS]}.items():
        _on_head(*prepare, tmp_path / name, *cluster_flags)
        _on_head(*predict, tmp_path / f"{name}.csv", *cluster_flags)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_search_finds_what_one_machine_finds(cluster, tmp_path):
    flags = [ROOT / "scripts" / "search.py", "mean", *MOODS, "--set", "Recipe.steps = 20", "--trials", 4]
    flags += ["--over", "Recipe.batch_size = [6, 12, 24]", "--metric", "cross_entropy", "--run"]
    _on_head(*flags, tmp_path / "one", "--at-once", 4)
    _on_head(*flags, tmp_path / "two", "--ray", ADDRESS)
    assert (tmp_path / "one" / "best.gin").read_bytes() == (tmp_path / "two" / "best.gin").read_bytes()
