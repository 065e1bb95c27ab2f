"""Files in the forms of public data sets go through train, evaluate and predict with the same flags."""

import json
import re
from collections import Counter

import pytest
from paths import ROOT

from benchmarks.shapes.several_labels import SEVERAL_LABELS

DATA = ROOT.parent / "shared" / "data"
FILES, TWEETEVAL = DATA / "files", DATA / "tweeteval"
FACTS = json.loads((FILES / "facts.json").read_text("utf-8")) if FILES.is_dir() else [{"file": "absent"}]
READING = {  # flags that predict takes as well
    "sentiment140_shape.csv": ["--text", "6"],
    "entity_no_header.csv": ["--text", "4"],
    "lines.json": ["--text", "headline"],
    "array.json": ["--text", "body.text"],
    "side_by_side": ["--text", "sentence"],
    "two_texts.csv": ["--text", "title,description"],
}
BUILDING = {
    "sentiment140_shape.csv": ["--label", "1"],
    "entity_no_header.csv": ["--label", "3"],
    "lines.json": ["--label", "is_good"],
    "split_column.csv": ["--split-column", "split"],
    "two_texts.csv": ["--label", "class"],
    "many_empty.csv": ["--bad-rows", "skip"],
}
NOT_TRAINED = {"one_class_test.csv", "unlabelled_test.csv"}
QUICK = ["--steps", "5", "--set", "mean_classifier.d_embedding = 8", "--set", "Recipe.eval_every = 5"]

pytestmark = pytest.mark.usefixtures("compiled_once")
shared = pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")


def _through(script, folder, source, reading, building):
    """Trains on a source, evaluates on it and predicts it; returns the lines of each."""
    run = folder / "run"
    trained = script("train", "--corpus", source, *reading, *building, *QUICK, "--run", run)
    assert trained.code == 0, trained.err
    evaluated = script("evaluate", "--run", run, "--corpus", source, *reading, *building, "--split", "all")
    assert evaluated.code == 0, evaluated.err
    predicted = script("predict", "--run", run, "--input", source, *reading, "--output", folder / "out.jsonl")
    assert predicted.code == 0, predicted.err
    lines = (folder / "out.jsonl").read_text("utf-8").splitlines()
    return trained.out, evaluated.out, [json.loads(line) for line in lines]


def _texts(out: str) -> int:
    return int(re.search(r"^corpus .*?([\d,]+) texts", out, re.MULTILINE)[1].replace(",", ""))


@shared
@pytest.mark.parametrize("facts", [each for each in FACTS if each["file"] not in NOT_TRAINED], ids=lambda f: f["file"])
def test_a_file_goes_through_with_the_flags_that_its_facts_name(facts, script, tmp_path):
    name = facts["file"]
    trained, evaluated, predicted = _through(
        script, tmp_path, FILES / name, READING.get(name, []), BUILDING.get(name, [])
    )
    assert _texts(trained) == _texts(evaluated) == facts["rows"]
    for reason, count in facts.get("left_out", {}).items():
        assert f"rows can't be used: {count} {reason}" in trained
    if "splits" in facts:
        given = ", ".join(f"{split} {n}" for split, n in facts["splits"].items())
        assert f"splits as given: {given}" in trained or name == "class_folders"
    assert len(predicted) in (facts["rows"], facts["rows"] + sum(facts.get("left_out", {}).values()))


WIDE = {shape.name: shape for shape in SEVERAL_LABELS}


@pytest.mark.parametrize("name", WIDE)
def test_a_shape_of_several_labels_goes_through_with_its_flags(name, script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shape, flags = WIDE[name], list(WIDE[name].flags)
    written = shape.write(tmp_path)
    reading = flags[: flags.index("--label")] if "--label" in flags else flags
    trained, evaluated, predicted = _through(script, tmp_path, shape.source, reading, flags[len(reading) :])
    assert _texts(trained) == _texts(evaluated) == len(predicted) == len(written)
    assert "texts have several labels" in trained
    assert set(predicted[0]["probabilities"]) == set(shape.counted(written))


@shared
def test_many_bad_rows_stop_with_their_count_and_the_flag(script, elsewhere):
    answer = script("train", "--corpus", FILES / "many_empty.csv", *QUICK)
    assert answer.code == 2
    assert "15 of 60 rows can't be used: 15 empty text" in answer.err
    assert answer.err.rstrip().endswith("--bad-rows skip")
    assert not (elsewhere / "runs").exists()


@pytest.fixture(scope="module")
def two_classes(tmp_path_factory):
    from sentiment import train

    source = [f"load_corpus.source = '{FILES / 'latin1.csv'}'", "Recipe.steps = 5"]
    return train(ROOT / "configs" / "mean.gin", source, tmp_path_factory.mktemp("two") / "run").path


@shared
def test_a_test_file_of_one_class_is_scored_whole(script, two_classes):
    answer = script("evaluate", "--run", two_classes, "--corpus", FILES / "one_class_test.csv")
    assert answer.code == 0, answer.err
    assert "corpus         one_class_test.csv, all: 6 texts" in answer.out


@shared
def test_unlabelled_texts_are_predicted_and_their_ids_come_back(script, two_classes, tmp_path):
    path = FILES / "unlabelled_test.csv"
    answer = script("predict", "--run", two_classes, "--input", path, "--output", tmp_path / "out.jsonl")
    assert answer.code == 0, answer.err
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [str(row["id"]) for row in rows] == [str(number) for number in range(20)]
    refused = script("evaluate", "--run", two_classes, "--corpus", path)
    assert refused.code == 2
    assert "no labels; its columns are id, text" in refused.err


SIZES = {"emotion": (3257, 374, 4, 0), "irony": (2862, 955, 2, 0), "hate": (8993, 999, 2, 8),
         "offensive": (11_916, 1324, 2, 0), "emoji": (45_000, 5000, 20, 0)}  # fmt: skip


@pytest.mark.skipif(not TWEETEVAL.is_dir(), reason=f"{TWEETEVAL} is not there")
@pytest.mark.parametrize(
    "task", [*list(SIZES)[:2], *(pytest.param(t, marks=pytest.mark.slow) for t in list(SIZES)[2:])]
)
def test_a_folder_of_tweeteval_trains_with_one_command_on_its_authors_splits(task, script, tmp_path):
    train, validation, classes, empty = SIZES[task]
    answer = script("train", "--corpus", TWEETEVAL / task, *QUICK, "--run", tmp_path / "run")
    assert answer.code == 0, answer.err
    assert f"splits as given: train {train:,}, validation {validation:,}" in answer.out
    assert (f"rows can't be used: {empty} empty text" in answer.out) == bool(empty)
    labels = json.loads((tmp_path / "run" / "model.json").read_text("utf-8"))["label_names"]
    assert len(labels) == classes
    assert not any(label.isdigit() for label in labels)
    assert Counter(labels).most_common(1)[0][1] == 1
