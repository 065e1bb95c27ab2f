"""`from sentiment import Predictor` has the type of the thing itself, and costs nothing until it is used."""

import ast
import re
import subprocess
import sys

from paths import ROOT

import sentiment

PROGRAM = """
from sentiment import Corpus, Evaluation, InputError, Prediction, Predictor, Preprocessor, TrainedModel, Vocabulary
from sentiment import evaluate, load_corpus, train

predictor = Predictor.load("run")
reveal_type(predictor(["text"])[0].label)
reveal_type(train("mean").path)
reveal_type(load_corpus("vader").texts)
reveal_type(Preprocessor()("text"))
predictor(5)
"""


def test_type_checkers_see_every_public_name_at_the_place_that_it_is_loaded_from():
    tree = ast.parse((ROOT / "sentiment" / "__init__.py").read_text("utf-8"))
    (seen,) = [node for node in tree.body if isinstance(node, ast.If)]
    homes = {name.asname: node.module for node in seen.body for name in node.names if name.name == name.asname}
    assert homes == sentiment._HOMES
    assert {*homes, "__version__"} == set(sentiment.__all__)


def test_mypy_knows_the_types_and_finds_a_wrong_argument(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", str(tmp_path / "program.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    types = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert types == ["str", "pathlib.Path", "typing.Sequence[str]", "list[str]"], done.stdout
    (error,) = re.findall("error: (.*)", done.stdout)
    assert error.startswith('Argument 1 to "__call__" of "Predictor" has incompatible type "int"')
