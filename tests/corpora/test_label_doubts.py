"""Labels that may not be meant are named, each with a flag that mends it when it is given."""

import re
import shlex
from collections import Counter

import pytest

from sentiment.corpora.label_doubts import doubts


@pytest.mark.parametrize(
    ("counts", "flags"),
    [
        ({"positive": 60, "negative": 60, "postive": 2}, ["postive=positive"]),
        ({"very good": 60, "bad": 60, "very goood": 1}, ["very goood=very good"]),
        ({"a": 9, "b": 9, "NA": 3, "N/A": 1, "-": 2, "?": 1}, ["NA=", "N/A=", "-=", "?="]),
        ({"positive": 60, "non-positive": 40}, []),
        ({"class 1": 60, "class 12": 1, "favour": 30, "none": 1, "against": 9}, []),
        ({f"label {chr(97 + n)}x": 1 + 100 * n for n in range(20)}, ["label ax=label tx"]),
        ({f"a label of many {n} {chr(97 + n % 26)}": 1 + n for n in range(200)}, []),
    ],
)
def test_labels_that_may_not_be_meant_are_named(counts, flags):
    notes = doubts(Counter(counts)).values()
    assert [shlex.split(re.search(r"--map (.*) (mends|leaves)", note)[1])[0] for note in notes] == flags


def test_the_flags_do_what_the_notes_say(script, tmp_path):
    labels = ["positive", "negative"] * 80 + ["postive", "-", "NA"] * 3
    rows = "".join(f"film number {n},{label}\n" for n, label in enumerate(labels))
    (tmp_path / "own.csv").write_text("text,label\n" + rows, "utf-8")
    answer = script("corpus", tmp_path / "own.csv")
    flags = re.findall(r"--map (\S+) (?:mends|leaves)", answer.out)
    assert len(flags) == 3
    mended = script("corpus", tmp_path / "own.csv", *(word for flag in flags for word in ("--map", flag)))
    assert "may be" not in mended.out
    assert "may say" not in mended.out
    assert "rows: 163" in mended.out


def test_a_misspelt_label_that_is_too_rare_is_mended_by_the_flag_in_the_one_line(script, tmp_path):
    labels = ["positive", "negative"] * 20 + ["postive"]
    rows = "".join(f"film number {n},{label}\n" for n, label in enumerate(labels))
    (tmp_path / "own.csv").write_text("text,label\n" + rows, "utf-8")
    refused = script("corpus", tmp_path / "own.csv")
    assert refused.code == 2
    flag = re.search(r"; label 'postive' \(1 rows\) may be 'positive' misspelt: --map (\S+) mends it", refused.err)[1]
    assert "rows: 41" in script("corpus", tmp_path / "own.csv", "--map", flag).out
