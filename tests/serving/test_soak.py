"""The service among clients that mean it no good, for some seconds: what `benchmarks/serving_soak.py` does for long."""

from collections import Counter

from live_service import ask, in_process

from benchmarks.serving_attackers import ATTACKS
from benchmarks.serving_soak import Soak, judge, put_mixed_load, put_paced_load


def test_honest_clients_are_all_answered_among_attackers(small_run):
    with in_process(small_run) as (process, port):
        load, attacks, _ = put_mixed_load(port, 5.0, connections=20, attackers=True)
        assert load.errors == 0
        assert load.ends[200] > 50
        met = {attack.__name__ for attack in ATTACKS} - {
            "silent",
            "slow",
            "never_reading",
        }  # these take longer than the test
        assert met <= attacks.keys()
        load = put_paced_load(port, 1.0, pace=50)
        assert (load.errors, load.ends[200]) == (0, 50)
        assert ask(port, "GET", "/readyz").status == 200
        assert process.poll() is None


def test_a_soak_says_what_it_has_not_shown(capsys):
    good = Soak(Counter({200: 9}), p99={False: [1.0, 9.0, 2.0], True: [3.0]}, megabytes=[[99.0], [101.0], [104.0]])
    assert judge(good, {"ours": 1.0, "peer": 2.0})
    assert "NOT" not in capsys.readouterr().out
    bad = Soak(Counter({200: 9, 503: 1}), p99={False: [1.0], True: [3.0]}, megabytes=[[99.0], [101.0], [94.0]])
    bad.log.append("Traceback (most recent call last):")
    assert not judge(bad, {"ours": 2.0, "peer": 1.0})
    assert capsys.readouterr().out.count("NOT SHOWN") == 5
