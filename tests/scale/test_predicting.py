"""A file that a Ray cluster predicts has the bytes that one machine gives it."""

import pytest


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "texts.csv"
    rows = [f'"what a lovely day, number {number}","{number}"' for number in range(9_000)]
    path.write_text("\n".join(["text,own", *rows, '"",bad']) + "\n", "utf-8")
    return path


def test_a_cluster_writes_the_same_bytes(script, small_run, lines, tmp_path):
    flags = ["--run", small_run, "--input", lines, "--text", "text"]
    assert script("predict", *flags, "--output", tmp_path / "here.csv").code == 0
    answer = script("predict", *flags, "--output", tmp_path / "there.csv", "--ray", "local")
    assert answer.code == 0, answer.err
    assert (tmp_path / "here.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    assert (tmp_path / "here.csv.bad.jsonl").read_bytes() == (tmp_path / "there.csv.bad.jsonl").read_bytes()


@pytest.mark.parametrize("flags", [["--processes", "2", "--input", "x.csv", "--output", "y.csv"], ["a sentence"]])
def test_what_a_cluster_has_no_use_for_is_refused(script, flags):
    answer = script("predict", "--ray", "local", *flags)
    assert answer.code == 2
    assert "--ray: of a file" in answer.err
