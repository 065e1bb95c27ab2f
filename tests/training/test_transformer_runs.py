"""Runs over a small random transformer: trained, loaded again, explained, carried elsewhere, resumed."""

import json
import pickle
import shutil

import numpy as np
import pytest
from paths import ROOT
from small_configs import refusal
from small_transformers import SMALL, roberta, write_transformer

from sentiment.corpora.constructions import constructions
from sentiment.corpora.in_memory import corpus_in_memory
from sentiment.encoding.subwords import Subwords
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.recipe.recipe import read_recipe
from sentiment.storage.manifest import sha256_of
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors
from sentiment.training.beside_constructions import beside_constructions
from sentiment.training.estimator import TextClassifier
from sentiment.training.parts import build_parts
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

GOOD, BAD = ("good day", "very happy", "happily !"), ("bad day", "very sad", "badly !")
TEXTS = [f"{text} {n % 7 * 'a '}" for n in range(16) for text in (*GOOD, *BAD)]
LABELS = [int(text.startswith(BAD)) for text in TEXTS]
JUDGED = corpus_in_memory(12 * TEXTS, np.array(12 * LABELS), ["positive", "negative"], 0)
SETTINGS = ["Recipe.steps = 12", "Recipe.eval_every = 6", "Recipe.checkpoint_every = 6", "Recipe.batch_size = 8"]


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_transformer(tmp_path_factory.mktemp("roberta"), roberta(SMALL | {"num_hidden_layers": 1}))


def corpus():
    return corpus_in_memory(TEXTS, np.array(LABELS), ["good", "bad"], 0)


def settings(folder, kind="frozen"):
    tuned = ["Recipe.model = @transformer_classifier", "Recipe.buckets = (24,)"]
    still = ["transformer_classifier.trainable_words = False"]
    return [
        *SETTINGS,
        f"Subwords.transformer = '{folder}'",
        "Subwords.length = 24",
        *(tuned if kind != "frozen" else []),
        *(still if kind == "still words" else []),
    ]


@pytest.fixture(scope="module", params=["tuned", "still words", "frozen"])
def run(request, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / "run"
    return train("minilm_frozen", settings(folder, request.param), path, corpus=corpus())


def test_the_run_answers_without_the_folder_and_as_the_layers_do(run):
    predictor = Predictor.load(run.path)
    model = TrainedModel.load(run.path)
    texts = ["a good day !", "sadly bad", "", "very " * 40]
    expected = model.probabilities(texts)
    np.testing.assert_allclose(predictor.outcomes(texts).probabilities, expected, atol=1e-5)
    int8 = Predictor.load(run.path, int8=True)
    np.testing.assert_allclose(int8.outcomes(texts).probabilities, expected, atol=0.1)


def words_of(run):
    (words,) = (each for name, each in load_tensors(run.weights)[0].items() if ".Embedding_" in name and each.ndim)
    return words


def test_training_goes_on_with_a_runs_words_whether_they_are_trained_or_not(folder, tmp_path):
    first = train("minilm_frozen", settings(folder, "tuned"), tmp_path / "first", corpus=corpus())
    more = f"Recipe.pretrained = '{first.path}'"
    still = train("minilm_frozen", [*settings(folder, "still words"), more], tmp_path / "still", corpus=corpus())
    np.testing.assert_array_equal(words_of(still), words_of(first))
    more = f"Recipe.pretrained = '{still.path}'"
    settings_of_a_step = [*settings(folder, "tuned"), more, "Recipe.steps = 1", "AdamW.learning_rate = 1e-9"]
    last = train("minilm_frozen", settings_of_a_step, tmp_path / "last", corpus=corpus())
    np.testing.assert_allclose(words_of(last), words_of(still), atol=1e-6)


def test_words_that_are_not_trained_stay_as_they_came(folder, tmp_path):
    came = Subwords.of_transformer(Vocabulary(Vocabulary.SPECIAL), str(folder), length=24).source.weights
    for kind, stays in (("tuned", False), ("still words", True)):
        run = train("minilm_frozen", settings(folder, kind), tmp_path / kind, corpus=corpus())
        tensors, _ = load_tensors(run.weights)
        words = words_of(run)
        (positions,) = (each for name, each in tensors.items() if ".LearnedPositions_" in name and each.ndim)
        assert np.array_equal(words, came["words"]) == stays
        assert not np.array_equal(positions, came["positions"])


def test_a_text_is_answered_alike_beside_any_others(run):
    predictor = Predictor.load(run.path)
    alone = [predictor([text])[0] for text in TEXTS[:6]]
    for one, other in zip(alone, predictor(TEXTS[:6]), strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)


def test_explanations_point_at_words_as_they_are_written(run):
    text = "Very  good, isn't it?"
    (prediction,) = Predictor.load(run.path)([text], explain=True)
    assert [text[slice(*each.span)] for each in prediction.attributions] == text.split()
    assert prediction.n_tokens == 4


def test_only_words_that_the_tokenizer_lacks_are_unknown(run):
    (prediction,) = Predictor.load(run.path)(["good жж ж"])
    assert prediction.unknown == ("жж", "ж")
    assert prediction.abstained


def test_the_tokenizer_is_one_of_the_runs_files(run, tmp_path):
    assert "tokenizer.json" in run.sha256
    copy = tmp_path / "copy"
    shutil.copytree(run.path, copy)
    altered = (copy / "tokenizer.json").read_text().replace("good", "goof")
    (copy / "tokenizer.json").write_text(altered)
    with pytest.raises(InputError, match="altered"):
        Predictor.load(copy)


@pytest.fixture(scope="module", params=["tuned", "still words", "frozen"])
def judging(request, folder, tmp_path_factory):
    """A run that tells texts with nothing to judge, by its vectors."""
    path = tmp_path_factory.mktemp(f"judging-{request.param}") / "run"
    more = ["Recipe.out_of_domain = True", "Recipe.constructions = 1"]
    return train("minilm_frozen", [*settings(folder, request.param), *more], path, corpus=JUDGED)


def test_a_transformer_tells_by_its_vectors_where_there_is_nothing_to_judge(judging):
    predictor = Predictor.load(judging.path)
    assert len(predictor.calibration.out_of_domain.weights) == 2 + predictor.session.n_vector
    assert predictor.session.n_vector in (8, 16)  # the last vector, or the embeddings' too
    assert judging.facts()["constructions"] == len(beside_constructions(JUDGED, 1).texts) - len(JUDGED.texts)
    scores = predictor.outcomes(TEXTS[:6]).out_of_domain
    alone = [predictor([text])[0].out_of_domain for text in TEXTS[:6]]
    np.testing.assert_allclose(scores, alone, atol=1e-6)
    nothing = [each.text for each in constructions("train") if each.label == "nothing"]
    assert predictor.outcomes(nothing).out_of_domain.mean() > scores.mean()


def test_weights_for_other_vectors_are_refused(judging, tmp_path):
    run = RunDirectory(tmp_path / "copy")
    shutil.copytree(judging.path, run.path)
    facts, manifest = json.loads(run.calibration.read_text()), json.loads(run.manifest.read_text())
    n_facts = len(facts["out_of_domain"]["weights"])
    facts["out_of_domain"]["weights"].append(0.5)
    run.calibration.write_text(json.dumps(facts))
    manifest["sha256"][run.calibration.name] = sha256_of(run.calibration)
    run.manifest.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=f"{n_facts} facts of a text for {n_facts + 1} weights"):
        Predictor.load(run.path)


def test_features_are_computed_once_and_again_where_the_cache_is_damaged(folder, cache):
    def note():
        recipe = read_recipe(ROOT / "configs" / "minilm_frozen.gin", settings(folder))
        return build_parts(recipe, corpus(), "minilm_frozen").note

    note()
    assert "read from the cache" in note()
    for file in (cache / "features").iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert "computed" in note()
    assert "read from the cache" in note()


def test_an_estimator_with_a_transformer_pickles(folder):
    fitted = TextClassifier("minilm_frozen", bindings=settings(folder)).fit(TEXTS, LABELS)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    np.testing.assert_array_equal(again.predict_proba(TEXTS[:3]), fitted.predict_proba(TEXTS[:3]))


@pytest.mark.parametrize("run", ["frozen"], indirect=True)
def test_a_run_repeats_to_the_bit(run, tmp_path):
    again = train(run.config, [], tmp_path / "again", corpus=corpus())
    assert again.weights.read_bytes() == run.weights.read_bytes()
    assert again.onnx.read_bytes() == run.onnx.read_bytes()


@pytest.mark.parametrize("run", ["frozen"], indirect=True)
def test_a_frozen_transformer_takes_no_weights_of_a_run(run, folder, tmp_path):
    lines = [*settings(folder), f"Recipe.pretrained = '{run.path}'"]
    assert "Recipe.pretrained" in refusal(train, "minilm_frozen", lines, tmp_path / "run", None, corpus())
