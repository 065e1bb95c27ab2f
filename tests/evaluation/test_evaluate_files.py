"""`evaluate --corpus`: every row of a file, or a split of the run's own; classes that are missing or more are said."""

import csv
import json
import re

import numpy as np
import pytest
from paths import ROOT
from sklearn.metrics import accuracy_score, f1_score

from sentiment import Predictor, train
from sentiment.corpora import Corpus, Provenance
from sentiment.errors import InputError
from sentiment.evaluation.evaluate_run import Question, score_run
from sentiment.training.trained_model import TrainedModel

GOOD, BAD = ("lovely", "happy", "great", "kind"), ("awful", "sad", "nasty", "cold")
SMALL = ["mean_classifier.d_embedding = 8", "Recipe.steps = 40"]


def _rows(n: int, seed: int) -> list[tuple[str, str]]:
    """Made-up texts; a fifth of the labels are wrong, so that no metric is perfect."""
    random = np.random.default_rng(seed)
    rows = []
    for row in range(n):
        words, label = ((BAD, "negative"), (GOOD, "positive"))[int(random.integers(2))]
        if random.random() < 0.2:
            label = "positive" if label == "negative" else "negative"
        rows.append((f"{random.choice(words)} day {row} in {seed}", label))
    return rows


def _write(path, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def run(folder):
    path = _write(folder / "mine.csv", _rows(200, 0))
    return train(ROOT / "configs" / "mean.gin", [f"load_corpus.source = '{path}'", *SMALL], folder / "run")


def _said(answer) -> tuple[str, int]:
    """Returns the split and the number of texts that were scored."""
    assert answer.code == 0, answer.err
    found = re.search(r"corpus +\S+, (\w+): ([\d,]+) texts", answer.out)
    return found[1], int(found[2].replace(",", ""))


def _accuracy(answer) -> float:
    return float(re.search(r"^accuracy +([\d.]+)", answer.out, re.MULTILINE)[1])


def test_a_file_of_2000_rows_gives_one_number_that_of_scikit_learn_on_what_predict_says(run, folder, script):
    rows = _rows(2000, 1)
    path = _write(folder / "held_out.csv", rows)
    answer = script("evaluate", "--run", run.path, "--corpus", path)
    assert _said(answer) == ("all", 2000)
    predicted = script("predict", "--run", run.path, "--input", path, "--output", folder / "predicted.csv")
    assert predicted.code == 0, predicted.err
    with (folder / "predicted.csv").open(newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    truth = [label for _, label in rows]
    assert _accuracy(answer) == pytest.approx(accuracy_score(truth, labels), abs=5e-5)
    macro = float(re.search(r"^macro-F1 +([\d.]+)", answer.out, re.MULTILINE)[1])
    assert macro == pytest.approx(f1_score(truth, labels, average="macro"), abs=5e-5)


def test_a_file_without_splits_has_none_to_ask_for(run, folder, script):
    answer = script("evaluate", "--run", run.path, "--corpus", _write(folder / "flat.csv", _rows(30, 7)),
                    "--split", "test")  # fmt: skip
    assert answer.code == 2
    assert "no split 'test'; it has no splits; --split all takes every row" in answer.err


def test_the_corpus_that_was_split_with_the_run_is_scored_by_its_split(run, folder, script):
    path = folder / "mine.csv"
    own = _said(script("evaluate", "--run", run.path))
    assert own == ("validation", 20)
    assert _said(script("evaluate", "--run", run.path, "--corpus", path)) == own
    assert _said(script("evaluate", "--run", run.path, "--corpus", path, "--split", "test")) == ("test", 20)
    assert _said(script("evaluate", "--run", run.path, "--split", "all")) == ("all", 200)
    copy = folder / "elsewhere.csv"
    copy.write_bytes(path.read_bytes())
    assert _said(script("evaluate", "--run", run.path, "--corpus", copy)) == own


@pytest.mark.parametrize(
    ("labels", "note"),
    [
        (["positive"] * 6, "has no text of negative"),
        (["positive"], "has no text of negative"),
        (["positive", "negative", "strange"], "label strange counted as errors"),
        (["positive", "negative", "negative", "positive", "NEUTRAL"], "label NEUTRAL left out"),
    ],
)
def test_classes_that_a_file_lacks_or_adds_are_said_and_not_refused(run, folder, script, labels, note):
    path = _write(folder / "other.csv", [(f"a lovely day {row}", label) for row, label in enumerate(labels)])
    answer = script("evaluate", "--run", run.path, "--corpus", path)
    assert _said(answer) == ("all", len(labels) - labels.count("NEUTRAL"))
    assert note in answer.out


def test_corpora_of_one_name_have_folders_of_their_own(run, folder, script):
    paths = []
    for place in ("a/data.csv", "b/data.csv"):
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        paths.append(_write(path, _rows(20, len(paths) + 2)))
    lines = folder / "data.jsonl"
    lines.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in _rows(20, 5)))
    for path in (*paths, lines):
        assert script("evaluate", "--run", run.path, "--corpus", path).code == 0
    folders = [each for each in (run.path / "evaluation").iterdir() if each.name.startswith("data.")]
    assert len(folders) == 3
    assert sorted(each.name.split("-")[0] for each in folders) == ["data.csv", "data.csv", "data.jsonl"]
    figures = [json.loads((each / "figures.json").read_text()) for each in folders]
    assert {each["corpus"] for each in figures} == {"data.csv", "data.jsonl"}


def test_a_name_that_is_a_path_stays_inside_the_run(run):
    files = run.evaluation("../../x y", "all")
    assert files.figures.parent.parent == run.path / "evaluation"


def test_a_run_trained_from_python_on_its_own_splits_is_evaluated_on_them(folder):
    texts, labels = zip(*_rows(60, 3), strict=True)
    rows = np.arange(60)
    corpus = Corpus(
        "python", texts, np.array([label == "positive" for label in labels]), ("negative", "positive"),
        {"train": rows[:40], "validation": rows[40:50], "test": rows[50:]}, Provenance("here", "1", "0", "ours"),
    )  # fmt: skip
    run = train(ROOT / "configs" / "mean.gin", SMALL, folder / "python", corpus=corpus)
    model = TrainedModel.load(run.path)
    board = score_run(model, Question(corpus=corpus, split="test"))
    assert board.evaluation.rows.tolist() == list(range(50, 60))
    said = [each.label for each in Predictor.load(run.path)(texts[50:])]
    assert [board.evaluation.label_names[place] for place in board.evaluation.predicted] == said
    assert board.others, "the baselines learn from its own training rows"
    assert score_run(model, Question(corpus=corpus)).fitted_here
    kept = score_run(model, Question(split="test"))  # the run has kept what it was trained on
    assert kept.evaluation.rows.tolist() == list(range(50, 60))
    run.kept_corpus.unlink()
    with pytest.raises(InputError, match=r"corpus\.parquet"):
        score_run(model, Question())


def test_files_of_the_splits_that_a_run_was_trained_on_are_its_own(folder, script):
    names = {"train": 40, "validation": 12, "test": 9}
    files = {name: str(_write(folder / f"{name}.csv", _rows(n, n))) for name, n in names.items()}
    flags = ["--corpus", files["train"], "--validation", files["validation"], "--test", files["test"]]
    quick = ["--set", SMALL[0], "--steps", 5]
    assert script("train", *flags, *quick, "--run", folder / "given").code == 0
    for split in ("validation", "test"):
        assert _said(script("evaluate", "--run", folder / "given", "--split", split)) == (split, names[split])
        answer = script("evaluate", "--run", folder / "given", *flags, "--split", split)
        assert _said(answer) == (split, names[split])
        assert "near-duplicate in training" not in answer.out
    assert _said(script("evaluate", "--run", folder / "given", "--corpus", files["test"])) == ("all", 9)


def test_flags_of_a_file_need_a_file(run, script):
    answer = script("evaluate", "--run", run.path, "--encoding", "latin-1")
    assert answer.code == 2
    assert "need --corpus FILE" in answer.err
