"""The Predictor: labels, probabilities, attributions and spans, without JAX, from any thread."""

import json
import os
import pickle
import random
import subprocess
import sys
import threading

import numpy as np
import pytest
from paths import FIXTURES, ROOT

from sentiment.errors import InputError
from sentiment.prediction.predictor import Predictor
from sentiment.storage.run_directory import RunDirectory

LABELS = ("calm", "happy", "sad")
SMALL = ["Recipe.steps = 30", "Recipe.batch_size = 6", "load_corpus.label_column = 'mood'"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of a model with exact attributions, of one with n-grams, and of one without, on the moods."""
    from sentiment.training.train import train

    made = {}
    for config in ("mean", "ngrams", "cnn"):
        bindings = [*SMALL, f"load_corpus.source = '{FIXTURES / 'moods.csv'}'"]
        folder = tmp_path_factory.mktemp(config) / "run"
        made[config] = train(config, bindings, folder).path  # by name, as on the command line
    return made


@pytest.fixture(scope="module")
def predictors(runs):
    return {name: Predictor.load(path) for name, path in runs.items()}


TEXTS = ["so happy today 😀", "", "crying all night and so sad", "qwrk zzyx", "a quiet walk by the lake " * 5]


@pytest.mark.parametrize("config", ["mean", "ngrams", "cnn"])
def test_answers_are_those_of_jax(runs, predictors, config):
    from sentiment.training.trained_model import TrainedModel

    expected = TrainedModel.load(runs[config]).probabilities(TEXTS)
    found = predictors[config].outcomes(TEXTS).probabilities
    np.testing.assert_allclose(found, expected, atol=1e-5)
    small = Predictor.load(runs[config], int8=True).outcomes(TEXTS).probabilities
    np.testing.assert_allclose(small, expected, atol=0.05)


@pytest.mark.parametrize("config", ["mean", "ngrams", "cnn"])
def test_single_predictions_and_arrays_say_the_same(predictors, config):
    predictor = predictors[config]
    outcomes = predictor.outcomes(TEXTS)
    for place, prediction in enumerate(predictor(TEXTS)):
        assert prediction.text == TEXTS[place]
        assert list(prediction.probabilities.values()) == outcomes.probabilities[place].tolist()
        assert prediction.label == predictor.label_names[outcomes.best[place]]
        assert prediction.probability == max(prediction.probabilities.values())
        assert len(prediction.unknown) == outcomes.unknown[place]
        assert prediction.abstained == outcomes.abstained[place] == prediction.mostly_unknown
    assert predictor([]) == []


def score(prediction, label):
    logs = np.log(list(prediction.probabilities.values()))
    return np.log(prediction.probabilities[label]) - logs.mean()


@pytest.mark.parametrize("config", ["mean", "ngrams"])
def test_attributions_of_an_additive_model_sum_to_its_score(predictors, config):
    predictor = predictors[config]
    (empty,) = predictor([""])
    for prediction in predictor([TEXTS[0], TEXTS[2], TEXTS[4]], explain=True):
        total = sum(attribution.score for attribution in prediction.attributions)
        expected = score(prediction, prediction.label) - score(empty, prediction.label)
        assert total == pytest.approx(expected, abs=1e-4)


def test_occlusion_is_what_the_score_loses_without_the_token(predictors):
    predictor = predictors["cnn"]
    (whole,) = predictor(["so happy today"], explain=True)
    (without,) = predictor(["so today"])

    (happy,) = [each for each in whole.attributions if each.token.startswith("happ")]
    assert happy.score == pytest.approx(score(whole, whole.label) - score(without, whole.label), abs=1e-5)
    (long,) = predictor(["happy sad " * 300], explain=True)
    assert len(long.attributions) == long.n_tokens == 600


def test_spans_point_at_the_words_of_the_text(predictors):
    text = "Sooooo HAPPY @you #today, http://t.co/x"
    (prediction,) = predictors["cnn"]([text], explain=True)
    found = {each.token: text[slice(*each.span)] for each in prediction.attributions}
    assert found == {"sooo": "Sooooo", "happi": "HAPPY", "<user>": "@you", "today": "today", "<url>": "http://t.co/x"}


def test_the_command_explains_with_the_same_offsets(predictors, script):
    text = "@happyguy: what a happy 😀 hat"
    done = script("predict", "--run", predictors["mean"].path, "--explain", "--json", text)
    assert done.code == 0
    (prediction,) = predictors["mean"]([text], explain=True)
    spans = [each["span"] for each in json.loads(done.out)["attributions"]]
    assert spans == [list(each.span) for each in prediction.attributions] == [[18, 23], [24, 25], [26, 29]]


def test_any_number_of_threads_may_ask(predictors):
    predictor = Predictor(**vars(predictors["cnn"]))
    expected = [prediction.probabilities for prediction in predictor(TEXTS)]
    wrong = []

    def ask():
        for _ in range(30):
            if [prediction.probabilities for prediction in predictor(TEXTS)] != expected:
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def fuzz(seed: int, n: int) -> list[str]:
    """Texts of ordinary words, signs, emoji, control characters, lone surrogates, any code point, and great lengths."""
    draw = random.Random(seed)
    parts = [
        *"abc :)(<>&;#@$.,!?'\"\\/\0\n\r\t\x1c\u200d\ufe0f\U0001f3fd😀❤é\u0301ß\ud83d",
        "http://",
        "&amp;",
        "RT ",
        "555 1234",
    ]
    parts += ["happy", "sad", "SOOOO", "not", "don't", "@user", "#tag", "&#x110000;", "日本", "हिन्दी", "مرحبا"]

    def text():
        length = draw.choice([0, 1, 3, 10, 30, 30, 30, 200])
        if draw.random() < 0.2:
            return "".join(chr(draw.randrange(0x110000)) for _ in range(length))
        return draw.choice(["", " "]).join(draw.choice(parts) for _ in range(length))

    return [text() for _ in range(n)]


def answers_to(predictor: Predictor, texts: list[str]) -> None:
    outcomes = predictor.outcomes(texts)
    assert np.isfinite(outcomes.probabilities).all()
    np.testing.assert_allclose(outcomes.probabilities.sum(axis=1), 1, atol=1e-9)


@pytest.mark.parametrize("config", ["mean", "ngrams", "cnn"])
def test_any_text_has_an_answer(predictors, config):
    texts = fuzz(1, 600)
    answers_to(predictors[config], texts)
    for prediction in predictors[config](texts[:100], explain=True):
        assert len(prediction.attributions) == prediction.n_tokens
        assert all(np.isfinite(each.score) for each in prediction.attributions)


@pytest.mark.slow
def test_a_hundred_thousand_fuzzed_texts_have_an_answer(predictors):
    for seed in range(100):
        answers_to(predictors["mean"], fuzz(seed, 1000))


def test_any_iterable_of_strings_has_the_same_answers(predictors, tmp_path):
    predictor = predictors["mean"]
    expected = predictor(TEXTS)
    for form in (tuple(TEXTS), iter(TEXTS), (text for text in TEXTS), map(str, TEXTS), np.array(TEXTS)):
        assert predictor(form) == expected
    assert predictor(iter(TEXTS[:1]), explain=True) == predictor(TEXTS[:1], explain=True)
    np.testing.assert_array_equal(
        predictor.outcomes(iter(TEXTS)).probabilities, predictor.outcomes(TEXTS).probabilities
    )
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS), "utf-8")
    with (tmp_path / "texts.txt").open(encoding="utf-8") as file:
        assert predictor(file) == expected
    pandas = pytest.importorskip("pandas", reason="needs pandas: make dev")
    assert predictor(pandas.Series(TEXTS)) == expected


@pytest.mark.parametrize("no_texts", ["a lone string", None, float("nan"), b"bytes", ["fine", 3], ["fine", None]])
def test_what_is_no_text_is_a_type_error(predictors, no_texts):
    for ask in (predictors["mean"], predictors["mean"].outcomes):
        with pytest.raises(TypeError, match=r"one str alone|holds no texts|bytes alone|texts\[1\] is "):
            ask(no_texts)


PICKLED = """
import json, pickle, sys
predictor = pickle.load(sys.stdin.buffer)
print(json.dumps([each.probabilities for each in predictor(json.loads(sys.argv[1]))]))
"""


def test_a_pickled_predictor_answers_the_same_in_another_process(runs, tmp_path):
    predictor = Predictor.load(runs["cnn"], int8=True, precision=0.8)
    expected = [each.probabilities for each in predictor(TEXTS)]
    pickled = pickle.dumps(predictor)
    assert len(pickled) < 1000  # it goes by path
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PICKLED, json.dumps(TEXTS)]
    done = subprocess.run(command, input=pickled, env=environment, cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(done.stdout) == expected
    again = pickle.loads(pickled)  # noqa: S301 (our own)
    assert (again.int8, again.precision, again.least.tolist()) == (True, 0.8, predictor.least.tolist())


def test_a_pickled_trained_model_is_loaded_from_its_run_again(runs):
    from sentiment.training.trained_model import TrainedModel

    model = TrainedModel.load(runs["mean"])
    again = pickle.loads(pickle.dumps(model))  # noqa: S301 (our own)
    np.testing.assert_array_equal(again.probabilities(iter(TEXTS)), model.probabilities(TEXTS))
    with pytest.raises(TypeError, match="one str alone"):
        model.probabilities("a lone string")
    assert pickle.loads(pickle.dumps(model.run)) == model.run  # noqa: S301 (our own)


def test_what_one_holds_in_a_session_shows_itself_in_a_line(runs, predictors):
    from sentiment import TrainedModel, load_corpus

    path, labels = str(runs["mean"]), ", ".join(LABELS)
    assert repr(predictors["mean"]) == f"Predictor({path!r}, labels {labels})"
    assert repr(TrainedModel.load(path)) == f"TrainedModel({path!r}, labels {labels})"
    assert repr(RunDirectory(runs["mean"])) == f"RunDirectory(path={runs['mean']!r})"
    corpus = load_corpus(str(FIXTURES / "moods.csv"), label="mood")
    assert repr(corpus) == "Corpus('moods.csv', 70 texts, 3 labels; 56 train, 7 validation, 7 test)"


def test_a_config_that_does_not_come_along_is_bad_input():
    from sentiment.training.train import train

    with pytest.raises(InputError, match=r"nope.gin: "):
        train("nope")


def test_prediction_loads_neither_jax_nor_trax_nor_what_its_requirements_leave_out(runs):
    program = f"""
import sys
from sentiment import Predictor
Predictor.load({str(runs["cnn"])!r})(["so happy"], explain=True)
heavy = "jax trax tensorflow gin nltk onnx scipy sklearn rich pydantic arro3 safetensors google".split()
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
