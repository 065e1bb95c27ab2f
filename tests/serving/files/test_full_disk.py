"""A disk that is full at any point of a file's prediction: a 507, nothing left of it, and the same results later."""

import random
import sys
from collections import Counter

import pytest
from bulk_files import as_csv
from live_service import ask, ask_predict, in_process
from paths import ROOT
from small_disk import fill, free, mounted

FILE = {"content-type": "application/octet-stream"}


@pytest.mark.parametrize("points", [4, pytest.param(30, marks=pytest.mark.slow)])
def test_a_file_on_a_disk_that_fills_at_random_points_is_answered_or_refused(small_run, tmp_path, capsys, points):
    body = as_csv([f"so {'happy' if n % 3 else 'sad'} number {n}" for n in range(9000)])
    generator, ends = random.Random(points), Counter()
    with mounted(tmp_path / "disk", 8) as disk:
        command = ["env", f"TMPDIR={disk}", sys.executable, str(ROOT / "scripts" / "serve.py")]
        with in_process(small_run, command=command) as (process, port):
            roomy = ask(port, "POST", "/v1/predict-file?name=a.csv", body, FILE)
            assert (roomy.status, list(disk.iterdir())) == (200, [])
            needed = 2 * len(body) + 2 * len(roomy.body["results"])  # the upload, the journal, the results, the answer
            for _ in range(points):
                filler = fill(disk, generator.randint(0, min(needed, free(disk))))
                reply = ask(port, "POST", "/v1/predict-file?name=a.csv", body, FILE)
                assert reply.status == 200 or reply.is_problem(507, "disk-full"), reply
                assert reply.status == 507 or reply.body == roomy.body
                assert list(disk.iterdir()) == [filler], "something is left"
                assert ask_predict(port, {"texts": ["so happy"]}).status == 200
                ends[reply.status] += 1
                filler.unlink()
            again = ask(port, "POST", "/v1/predict-file?name=a.csv", body, FILE)
            assert (again.status, again.body) == (200, roomy.body)
        assert not [line for line in process.log if "Traceback" in line]
    with capsys.disabled():
        print(f"\n  files: {points} points over {needed:,} bytes, ends by status {dict(ends)}")  # noqa: T201
    assert ends[507]
