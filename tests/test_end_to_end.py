"""The main job as a user does it: train, evaluate, predict; stopped, resumed, repeated."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fetches import fetch_or_skip
from paths import FIXTURES, ROOT

from sentiment.recipe.variants import read_variants
from sentiment.vectors import KNOWN_VECTORS, load_vectors

CONFIGS = ROOT / "configs"
SMALL = ["--set", "mean_classifier.d_embedding = 16", "--steps", "60"]


def _train(script, moods, *more):
    answer = script("train", *moods, *SMALL, *more)
    assert answer.code == 0, answer.err
    return answer


def _only_run(folder: Path, number: int = 1) -> Path:
    (run,) = (folder / "runs").glob(f"{number:04d}-*")
    return run


@pytest.mark.usefixtures("elsewhere")
def test_a_users_csv_is_trained_evaluated_and_predicted(script, moods):
    trained = _train(script, moods)
    assert "moods.csv: 70 texts, calm, happy, sad" in trained.out
    assert "step     60" in trained.out
    evaluated = script("evaluate")
    assert evaluated.code == 0, evaluated.err
    accuracy = float(evaluated.out.split("accuracy")[1].split()[0])
    assert accuracy > 0.5
    assert f"validation accuracy {accuracy:.4f}" in trained.out.splitlines()[-1]
    assert script("evaluate", "--split", "test").code == 0
    answer = script("predict", "so happy 😀", "crying 😢")
    assert answer.code == 0, answer.err
    assert [line.split()[0] for line in answer.out.splitlines()] == ["happy", "sad"]


def test_predictions_come_as_json_from_standard_input_with_unknown_words(script, moods, elsewhere):
    _train(script, moods)
    lines = b"so happy today\n\nqwrk zzyx\n"
    answer = script("predict", "-", "--json", "--run", _only_run(elsewhere), stdin=lines)
    first, second = map(json.loads, answer.out.splitlines())
    assert first["text"] == "so happy today"
    assert first["label"] == "happy"
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert second["unknown"] == ["qwrk", "zzyx"]
    assert (first["reason"], second["reason"]) == ("", "most words are unknown: qwrk zzyx")
    assert "abstains: most words are unknown: qwrk zzyx" in script("predict", "qwrk zzyx").out


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(script, moods, elsewhere):
    outputs = [_train(script, moods, *seed).out for seed in ([], [], ["--seed", "1"])]
    weights = [(_only_run(elsewhere, number) / "weights.safetensors").read_bytes() for number in (1, 2, 3)]
    assert weights[0] == weights[1]
    assert weights[0] != weights[2]
    told = [[line for line in output.splitlines() if line.startswith("step")] for output in outputs]
    assert told[0] == told[1] != told[2]


def test_a_run_is_repeated_from_its_own_config_alone(script, moods, elsewhere):
    _train(script, moods)
    config = _only_run(elsewhere) / "config.gin"
    assert script("train", "--config", config).code == 0
    first, second = (_only_run(elsewhere, number) for number in (1, 2))
    assert second.name == "0002-mean-moods"
    for name in ("weights.safetensors", "config.gin", "vocabulary.txt", "model.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


@pytest.mark.usefixtures("elsewhere")
def test_lazy_updates_and_row_adagrad_are_settings_like_others(script, moods):
    flags = ["--set", "Recipe.updates = 'lazy'", "--set", "Recipe.optimizer = @RowAdagrad"]
    told = _train(script, moods, *flags, "--set", "RowAdagrad.learning_rate = 0.3").out
    assert float(told.split("train loss")[-1].split()[0]) < 0.2


def test_an_unfinished_run_in_runs_is_resumed_by_itself(script, moods, elsewhere):
    _train(script, moods)
    run = _only_run(elsewhere)
    (run / "manifest.json").unlink()
    again = _train(script, moods)
    assert f"runs/{run.name} (resumed)" in again.out
    assert [path.name for path in (elsewhere / "runs").glob("0*")] == [run.name]


def test_no_pickle_is_written_and_a_poisoned_one_is_never_opened(script, moods, elsewhere):
    poison = b"cos\nsystem\n(S'touch poisoned'\ntR."
    run = elsewhere / "run"
    _train(script, moods, "--run", run)
    (run / "manifest.json").unlink()
    for name in ("model.pkl.gz", "data_counters0.pkl", "checkpoint-99999999.pkl"):
        (run / "training" / name).write_bytes(poison)
    _train(script, moods, "--run", run)
    assert script("predict", "--run", run, "hello").code == 0
    assert not (elsewhere / "poisoned").exists()
    written = [path for path in run.rglob("*") if path.is_file() and path.read_bytes() != poison]
    assert not [path.name for path in written if ".pkl" in path.name or path.read_bytes()[:1] == b"\x80"]


SMALL_LANGUAGE_MODEL = ["--config", CONFIGS / "language_model.gin", "--steps", "3"]
READERS = [variant for variant in read_variants(CONFIGS) if variant.name != "language_model"]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("variant", READERS, ids=lambda variant: variant.name)
def test_every_classifier_trains_evaluates_and_predicts(script, moods, variant):
    measured = re.match(r"(0\.\d{4}|1\.0000) on ", variant.result)
    assert measured, "a header must say what was measured: make variants-table"
    if "Recipe.pretrained" in variant.path.read_text("utf-8"):
        assert script("train", *moods, *SMALL_LANGUAGE_MODEL).code == 0
    more = ["--set", "Recipe.batch_size = 6"]  # divisible by the three classes, as the notebook's batches must be
    if needed := [name for name in KNOWN_VECTORS if name in _with_included(variant.path)]:
        for name in needed:
            with fetch_or_skip(name):
                load_vectors(name)
        more += ["--set", "vectors_vocabulary.max_size = 5000"]
    trained = script("train", "--config", variant.path, *moods, *more, "--steps", "3")
    assert trained.code == 0, trained.err
    evaluated = script("evaluate")
    assert evaluated.code == 0, evaluated.err
    answer = script("predict", "so happy", "a quiet evening " * 9)
    assert {line.split()[0] for line in answer.out.splitlines()} <= {"happy", "sad", "calm", "unknown"}
    _assert_companions_do_not_matter()


def _assert_companions_do_not_matter() -> None:
    from sentiment import Predictor
    from sentiment.storage.runs import latest_run

    predictor = Predictor.load(latest_run().path)
    texts = ["so happy", "", "crying " * 40, "qwrk", "a quiet walk by the lake"]
    together = [prediction.probabilities for prediction in predictor(texts)]
    alone = [predictor([text])[0].probabilities for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-6)


def _with_included(config: Path) -> str:
    text = config.read_text("utf-8")
    return text + "".join(_with_included(config.with_name(name)) for name in re.findall(r"^include '(.+)'", text, re.M))


@pytest.mark.usefixtures("elsewhere")
def test_a_language_model_is_trained_evaluated_and_sampled_from(script, moods):
    trained = script("train", *moods, *SMALL_LANGUAGE_MODEL)
    assert trained.code == 0, trained.err
    run = next(Path("runs").glob("0*"))
    told = script("evaluate", "--run", run).out
    assert re.search(r"perplexity +[0-9.]+ on .*, validation; of an interpolated trigram [0-9.]+", told)
    texts = [script("generate", "so", "--n", "3", "--seed", "7").out for _ in range(2)]
    assert texts[0] == texts[1]
    assert len(texts[0].splitlines()) == 3
    assert all(line.startswith("so") for line in texts[0].splitlines())
    refused = script("predict", "so", "--run", run)
    assert refused.code == 2
    assert "generate.py" in refused.err


def test_the_list_of_variants_shows_every_config(script):
    out = script("train", "--list").out
    assert all(path.stem in out for path in CONFIGS.glob("*.gin") if path.stem != "base")


def test_every_script_explains_itself(script):
    for path in (ROOT / "scripts").glob("*.py"):
        answer = script(path.stem, "--help")
        assert answer.code == 0
        assert "Usage" in answer.out


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, sentiment; print([m for m in ('jax', 'trax', 'numpy', 'nltk', 'gin') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_the_fixture_is_the_corpus_that_the_readme_describes():
    text = (FIXTURES / "moods.csv").read_text("utf-8")
    assert '""' in text
    assert "😀" in text
    assert text.count("\n") > 1 + 70  # newlines within cells
