"""A clean environment of requirements-predict.txt alone predicts from a run of every variant."""

import json
import os
import subprocess
import sys

import pytest
from fetches import fetch_or_skip, skip_without
from paths import FIXTURES, ROOT

from sentiment.prediction.predictor import Predictor
from sentiment.training.train import train

pytestmark = pytest.mark.slow  # test_predictor.py looks at what prediction imports

VARIANTS = sorted(path.stem for path in (ROOT / "configs").glob("*.gin") if path.stem not in ("base", "language_model"))
TEXTS = ["so happy today 😀", "crying, all night", "हिन्दी", ""]
ABSENT = ("jax", "jaxlib", "trax", "tensorflow", "nltk", "gin", "scipy", "sklearn", "onnx", "rich", "google")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """The Python of an environment that holds the prediction requirements and the checkout."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps", "--require-hashes", "--python", python]
    done = subprocess.run(
        [*install, "-r", ROOT / "requirements-predict.txt"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        skip_without("the Python package index", done.stderr.strip()[-200:])
    installed = _megabytes(folder)
    subprocess.run([python, "-m", "compileall", "-q", folder / "lib"], check=True)
    print(f"the prediction environment takes {installed} MB, with its bytecode {_megabytes(folder)} MB")  # noqa: T201
    assert installed <= 150
    return python


def _megabytes(folder) -> int:
    used = subprocess.run(["du", "-sm", folder], capture_output=True, text=True, check=True).stdout
    return int(used.split()[0])


def asked(python, program: str, *arguments) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-c", program, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_environment_has_nothing_to_train_with(clean):
    program = "import importlib.util, sys; print([n for n in sys.argv[1:] if importlib.util.find_spec(n)])"
    assert asked(clean, program, *ABSENT) == "[]\n"


def _bindings(variant: str) -> list[str]:
    text = (ROOT / "configs" / f"{variant}.gin").read_text("utf-8")
    bindings = ["Recipe.steps = 2", "Recipe.batch_size = 6", "load_corpus.label_column = 'mood'"]
    bindings += [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "Recipe.pretrained = None"]
    return bindings + (["vectors_vocabulary.max_size = 3000"] if "vectors_vocabulary" in text else [])


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_run_of_every_variant_predicts_there(clean, variant, tmp_path):
    with fetch_or_skip(f"what {variant} is made of"):
        run = train(ROOT / "configs" / f"{variant}.gin", _bindings(variant), tmp_path / "run")
    _assert_predicts(clean, run.path)


def _assert_predicts(clean, run) -> None:
    program = """
import json, sys
from sentiment import Predictor
predictor = Predictor.load(sys.argv[1])
print(json.dumps([each.probabilities for each in predictor(json.loads(sys.argv[2]), explain=True)]))
"""
    found = json.loads(asked(clean, program, run, json.dumps(TEXTS)))
    for one, other in zip(found, Predictor.load(run)(TEXTS), strict=True):
        assert one == pytest.approx(other.probabilities, abs=1e-6)
    script = [clean, ROOT / "scripts" / "predict.py", "--run", run, *TEXTS[:3]]
    done = subprocess.run(script, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
