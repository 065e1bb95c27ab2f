"""The service among clients that mean it no good, for some seconds: what `benchmarks/serving_soak.py` does for long."""

from live_service import ask, in_process

from benchmarks.serving_soak import ATTACKS, put_mixed_load, put_paced_load


def test_honest_clients_are_all_answered_among_attackers(small_run):
    with in_process(small_run) as (process, port):
        load, attacks = put_mixed_load(port, 5.0, connections=20, attackers=True)
        assert load.errors == 0
        assert load.ends[200] > 50
        met = {attack.__name__ for attack in ATTACKS} - {"silent", "slow"}  # these two take longer than the test
        assert met <= attacks.keys()
        load = put_paced_load(port, 1.0, pace=50)
        assert (load.errors, load.ends[200]) == (0, 50)
        assert ask(port, "GET", "/readyz").status == 200
        assert process.poll() is None
