"""A classifier into several labels a text, end to end: made texts in the shape of GoEmotions."""

import csv
import json
import signal
from dataclasses import asdict

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import ShuffledSampler
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.prediction.answers import MultilabelPrediction, Prediction
from sentiment.prediction.decisions import Decisions
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.runs import latest_run
from sentiment.training.loop import progress
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

pytestmark = pytest.mark.usefixtures("compiled_once")

TEXT = "i feel furious about work and my sister is so funny today"


def test_the_data_choose_the_task_and_the_run_keeps_it(multilabel_run):
    run = RunDirectory(multilabel_run)
    assert run.facts()["task"] == run.facts("multilabel")["task"] == "multilabel"
    assert "Recipe.task = 'multilabel'" in run.config.read_text()
    assert run.facts()["labels_between"] == ","
    with pytest.raises(InputError, match="trained to give texts any number of labels; name a run trained to predict"):
        run.facts("next_token")


def test_a_run_of_several_labels_is_a_classifier_of_the_newest_runs(multilabel_run, tmp_path):
    (tmp_path / "0001-mean-emotions").symlink_to(multilabel_run)
    assert latest_run(tmp_path).path.name == "0001-mean-emotions"


def test_predictions_give_the_labels_that_reach_their_thresholds(multilabel_run):
    predictor = Predictor.load(multilabel_run)
    assert isinstance(predictor.calibration, Decisions)
    texts = [TEXT, "the meeting is so parcel", "xyzzy plugh", ""]
    least = dict(zip(predictor.label_names, predictor.least, strict=True))
    for prediction in predictor(texts):
        assert isinstance(prediction, MultilabelPrediction)
        given = {name for name, p in prediction.probabilities.items() if p >= least[name]}
        assert set(prediction.labels) == given
        ordered = [prediction.probabilities[name] for name in prediction.labels]
        assert ordered == sorted(ordered, reverse=True)
        assert prediction.probability == max(prediction.probabilities.values())
        assert prediction.probabilities[prediction.label] == prediction.probability
    assert predictor(texts)[3].abstained
    assert [each.labels for each in predictor(texts)] == [predictor([text])[0].labels for text in texts]


def test_jax_and_onnx_give_the_same_probabilities(multilabel_run):
    trained = TrainedModel.load(multilabel_run)
    np.testing.assert_allclose(
        trained.deployed().probabilities([TEXT, ""]), trained.probabilities([TEXT, ""]), atol=1e-6
    )
    np.testing.assert_array_equal(
        trained.deployed().probabilities([TEXT]), Predictor.load(multilabel_run).outcomes([TEXT]).probabilities
    )


def test_each_label_is_explained_by_what_each_token_added_to_its_log_odds(multilabel_run):
    predictor = Predictor.load(multilabel_run)
    (found,) = predictor([TEXT], explain=True)
    names = found.labels or (found.label,)
    assert tuple(found.by_label) == names
    assert found.attributions == found.by_label[names[0]]
    (nothing,) = predictor([""])
    for name in names:  # of an additive model the parts sum to the change of the log-odds
        odds = [np.log(p) - np.log1p(-p) for p in (found.probabilities[name], nothing.probabilities[name])]
        assert sum(each.score for each in found.by_label[name]) == pytest.approx(odds[0] - odds[1], abs=1e-3)


def test_a_wanted_precision_gives_fewer_labels_and_says_when_it_abstains(multilabel_run):
    plain, careful = Predictor.load(multilabel_run), Predictor.load(multilabel_run, precision=0.9)
    texts = [line.split("\t")[0] for line in (multilabel_run.parent / "emotions" / "test.tsv").read_text().splitlines()]
    abstained = 0
    for one, other in zip(plain(texts), careful(texts), strict=True):
        assert set(other.labels) <= set(one.labels)
        if one.labels and not other.labels:
            assert other.abstained
            assert other.reason == "not sure enough for the wanted precision"
            abstained += 1
    assert abstained


def test_files_are_predicted_with_labels_joined_as_they_were_written(multilabel_run, script, tmp_path):
    (tmp_path / "in.csv").write_text(f"text\n{TEXT}\nxyzzy\n", "utf-8")
    args = ("--run", multilabel_run, "--input", tmp_path / "in.csv")
    assert script("predict", *args, "--output", tmp_path / "out.csv", "--probabilities").code == 0
    assert script("predict", *args, "--output", tmp_path / "out.jsonl").code == 0
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    predictions = Predictor.load(multilabel_run)([TEXT, "xyzzy"])
    for row, line, prediction in zip(rows, lines, predictions, strict=True):
        assert row["label"] == ",".join(prediction.labels)
        assert row["probability"] == ",".join(f"{prediction.probabilities[name]:.6f}" for name in prediction.labels)
        assert line["labels"] == list(prediction.labels)
        assert line["label"] == prediction.label
        assert {name: round(p, 6) for name, p in prediction.probabilities.items()} == line["probabilities"]
        assert float(row[f"probability_{prediction.label}"]) == pytest.approx(prediction.probability, abs=1e-6)
    assert predictions[0].labels


def test_sentences_are_printed_with_all_their_labels(multilabel_run, script):
    answer = script("predict", "--run", multilabel_run, TEXT, "--explain")
    (prediction,) = Predictor.load(multilabel_run)([TEXT])
    first = ", ".join(f"{name} {prediction.probabilities[name]:.4f}" for name in prediction.labels)
    assert answer.out.splitlines()[0] == f"{first}  {TEXT}"
    found = json.loads(script("predict", "--run", multilabel_run, TEXT, "--json").out)
    assert found["labels"] == list(prediction.labels)


def test_single_label_answers_look_as_before(small_run):
    (prediction,) = Predictor.load(small_run)(["so happy today"])
    assert type(prediction) is Prediction
    assert list(asdict(prediction)) == [
        "text", "label", "probability", "probabilities", "unknown", "n_tokens", "abstained", "attributions",
        "out_of_domain",
    ]  # fmt: skip
    assert "labels_between" not in RunDirectory(small_run).facts()


def test_killed_and_resumed_it_ends_with_the_same_bits(multilabel_run, multilabel_settings, tmp_path):
    class Interrupting(progress.Progress):
        def stepped(self, step):
            if step >= 70:
                signal.raise_signal(signal.SIGINT)

    settings = (ROOT / "configs" / "mean.gin", multilabel_settings, tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        train(*settings, Interrupting())
    assert not (tmp_path / "run" / "weights.safetensors").exists()
    train(*settings)
    for name in ("weights.safetensors", "model.onnx", "calibration.json", "config.gin"):
        assert (tmp_path / "run" / name).read_bytes() == (multilabel_run / name).read_bytes(), name


def test_a_run_repeats_from_its_own_config(multilabel_run, tmp_path):
    again = train(multilabel_run / "config.gin", directory=tmp_path / "again")
    assert again.weights.read_bytes() == (multilabel_run / "weights.safetensors").read_bytes()


def test_batches_hold_every_decision_and_empty_rows_count_for_nothing():
    labels = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0]], bool)
    examples = Examples.encode([["a"], ["b", "a"], []], labels, Vocabulary.build([["a", "b"]]))
    batches = Batches(examples, ShuffledSampler(labels, 2, 0), (4,), class_weights=np.array([1, 2, 4], np.float32))
    for step in range(3):
        batch, rows = batches.batch(step), batches.sampler.rows(step)
        np.testing.assert_array_equal(batch.targets, labels[rows])
        np.testing.assert_array_equal(batch.weights, np.where(labels[rows], [1, 2, 4], 1))
        assert (batch.targets.dtype, batch.weights.dtype) == (np.int32, np.float32)


def test_what_does_not_go_with_several_labels_is_refused_in_one_line(multilabel_settings, tmp_path):
    def refused(*lines, source=None):
        bindings = multilabel_settings if source is None else source
        with pytest.raises(InputError) as raised:
            train(ROOT / "configs" / "mean.gin", [*bindings, *lines], tmp_path / "none")
        assert "\n" not in str(raised.value)
        return str(raised.value)

    assert "'balanced': of texts with several labels each class is decided" in refused(
        "Loss.class_weights = 'balanced'"
    )
    moods = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    told = refused("Recipe.task = 'multilabel'", source=moods)
    assert "no text of moods.csv has several labels; say with --labels-between" in told


def test_weights_of_classes_raise_the_probability_of_theirs(multilabel_run, multilabel_settings, tmp_path):
    weighted = train(
        ROOT / "configs" / "mean.gin", [*multilabel_settings, "Loss.class_weights = {'27': 20.0}"], tmp_path / "run"
    )
    texts = ["the match is so died", "work made me condolences"]
    odds = []
    for path in (multilabel_run, weighted.path):
        model = TrainedModel.load(path)
        both = model.log_probabilities([model.preprocessor(text) for text in texts])
        odds.append(both[:, 27, 1] - both[:, 27, 0])
    assert (odds[1] > odds[0]).all()
