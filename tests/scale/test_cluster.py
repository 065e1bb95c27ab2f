"""What is said where a Ray cluster can't be had."""

import socket

import pytest

from sentiment.errors import InputError
from sentiment.scale.cluster import connected


@pytest.mark.parametrize("address", ["", "here", "host:", ":6379", "host:many", "127.0.0.1"])
def test_an_address_that_is_none_says_what_one_is(address):
    with pytest.raises(InputError, match=r"must be local, or the HOST:PORT"), connected(address):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "no-such-host.invalid:6379"])
def test_where_nothing_listens_it_says_so_at_once(address):
    with pytest.raises(InputError, match=f"--ray {address}: no Ray there"), connected(address):
        pass


def test_a_closed_port_is_no_ray():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(InputError, match="start it with `ray start --head`"), connected(f"127.0.0.1:{port}"):
        pass


def test_a_cluster_of_another_version_is_one_line(script, monkeypatch):
    ray = pytest.importorskip("ray", reason="ray is not installed: no cluster's version is compared")

    def refuse(**_):
        raise RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 2.0.0\n    Python: 3.9.1")

    monkeypatch.setattr(ray, "init", refuse)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        answer = script("prepare", "my.csv", "--output", "p", "--ray", address)
    assert answer.code == 2
    assert answer.err == (
        f"error: --ray {address}: Version mismatch: The cluster was started with: Ray: 2.0.0 Python: 3.9.1: start Ray "
        "there with the versions of this environment\n"
    )


@pytest.mark.parametrize(
    ("flags", "superfluous"),
    [
        (["--ray", "local", "--coordinator", "auto"], "--coordinator"),
        (["--ray", "local", "--folds", "2", "--workers", "2"], "--workers"),
    ],
)
def test_one_way_of_training_together_is_enough(script, flags, superfluous):
    answer = script("train", *flags)
    assert answer.code == 2
    assert f"leave {superfluous} out" in answer.err


def test_without_ray_one_line_says_how_to_install_it(script, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    answer = script("train", "--ray", "local")
    assert answer.code == 2
    assert "this needs ray, which is not installed: pip install" in answer.err
