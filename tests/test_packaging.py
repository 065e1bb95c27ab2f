"""What `pip install .` gives: the command, the configs, the page, types; and no TensorFlow."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from live_service import ask, ask_predict, in_process
from paths import FIXTURES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


def _run(*command: object, cwd: Path | None = None, code: int = 0) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def _read(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


def _metadata(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (found,) = [each for each in archive.namelist() if re.fullmatch(rf"[^/]+\.dist-info/{name}", each)]
    return _read(wheel, found)


def test_the_wheel_holds_all_that_the_package_reads(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {str(path.relative_to(ROOT)) for path in (ROOT / "sentiment").rglob("*") if path.is_file()}
    configs = {f"sentiment/configs/{path.name}" for path in (ROOT / "configs").glob("*.gin")}
    assert {name for name in package if "__pycache__" not in name} | configs <= names
    assert "sentiment/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "scripts/"))]


def test_the_wheel_has_the_command_and_asks_for_what_the_locks_pin_but_never_for_trax_or_tensorflow(wheel):
    assert "sentiment = sentiment.__main__:main" in _metadata(wheel, "entry_points.txt")
    asked = re.findall(
        r"^Requires-Dist: ([\w.-]+)==[^;\n]+(?:;.*extra == '(\w+)')?", _metadata(wheel, "METADATA"), re.M
    )
    extras = {extra: {name for name, other in asked if other == extra} for extra in ("", "train", "serve")}
    assert {"numpy", "onnxruntime", "typer"} <= extras[""]
    assert not {"jax", "fastapi"} & extras[""]
    assert {"jax", "jaxlib", "scipy", "onnx"} <= extras["train"]
    assert {"fastapi", "uvicorn", "prometheus-client"} <= extras["serve"]
    assert not [name for name, _ in asked if name in ("trax", "gym") or "tensorflow" in name]


def _environment(folder: Path, *installed: object) -> Path:
    """Makes a virtual environment; `installed` are pip's arguments. Returns its bin folder."""
    _run(sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, folder)
    _install(folder / "bin", *installed)
    return folder / "bin"


def _install(folder: Path, *arguments: object) -> None:
    _run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", folder / "python", *arguments)


# Runs the command where nothing can be imported but what predicting asks for, as after `pip install .`.
PREDICTING_ALONE = """
import sys
from importlib.metadata import packages_distributions

kept = set(sys.argv.pop(1).split(","))
absent = {top for top, names in packages_distributions().items() if not kept & {n.lower() for n in names}}


class Absent:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in absent - {"sentiment"}:
            raise ModuleNotFoundError(f"No module named {top!r}", name=top)


sys.meta_path.insert(0, Absent())
from sentiment.__main__ import main

main()
"""
MOODS = [str(FIXTURES / "moods.csv"), "--label", "mood"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "predict"),
        (["corpus", *MOODS], "moods.csv"),
        (["train", "--list"], "notebook"),
        (["train", "--corpus", *MOODS], r"\[train\]"),
        (["evaluate"], r"\[train\]"),
        *([[verb, "--help"], "Usage"] for verb in ("distil", "predict", "prepare", "report", "search", "serve")),
    ],
)
def test_where_nothing_but_what_predicts_is_installed_verbs_answer(arguments, told, tmp_path):
    lock = (ROOT / "requirements-predict.txt").read_text("utf-8")
    kept = ",".join(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))
    code = 2 if "[" in told else 0
    answer = _run(sys.executable, "-c", PREDICTING_ALONE, kept, *arguments, cwd=tmp_path, code=code)
    assert re.search(told, answer)
    assert "Traceback" not in answer


@pytest.mark.slow
def test_a_clean_installation_predicts_and_says_what_training_and_serving_need(wheel, small_run, tmp_path):
    folder = _environment(tmp_path / "env", wheel)
    sentiment = folder / "sentiment"
    usage = _run(sentiment, cwd=tmp_path)
    assert all(f" {verb} " in usage for verb in ("train", "evaluate", "predict", "serve", "corpus"))
    assert _run(sentiment, "predict", "--run", small_run, "so happy 😀", cwd=tmp_path).startswith("happy")
    assert "notebook" in _run(sentiment, "train", "--list", cwd=tmp_path)
    assert "moods.csv" in _run(sentiment, "corpus", FIXTURES / "moods.csv", "--label", "mood", cwd=tmp_path)
    for verb, extra in (("train", "train"), ("serve", "serve")):
        told = _run(sentiment, verb, *(["--run", small_run] if verb == "serve" else []), cwd=tmp_path, code=2)
        assert re.fullmatch(rf"error: .*\[{extra}\].*\n", told)
    _install(folder, f"{wheel}[serve]")
    with in_process(small_run, command=[str(sentiment), "serve"]) as (_, port):
        assert ask_predict(port, {"texts": ["so happy 😀"]}).body["predictions"][0]["label"] == "happy"
        assert ask(port, "GET", "/page/page.js").status == 200
    packages = _run(sys.executable, "-m", "uv", "pip", "list", "--python", folder / "python")
    assert not re.search(r"^(jax|trax|tensorflow|keras)", packages, re.MULTILINE)


@pytest.mark.slow
def test_an_installation_for_training_trains_from_its_own_configs_and_serves(wheel, tmp_path):
    folder = _environment(tmp_path / "env", f"{wheel}[train,serve]")
    sentiment = folder / "sentiment"
    told = _run(sentiment, "train", cwd=tmp_path, code=2)
    command = re.search(r"pip install --no-deps (trax==[\d.]+)", told)
    _install(folder, "--no-deps", command[1])
    source = ["--corpus", FIXTURES / "moods.csv", "--label", "mood", "--steps", "60"]
    assert "validation accuracy" in _run(sentiment, "train", "--config", "ngrams", *source, cwd=tmp_path)
    assert "accuracy" in _run(sentiment, "evaluate", cwd=tmp_path)
    assert _run(sentiment, "predict", "so happy 😀", cwd=tmp_path).startswith("happy")
    packages = _run(sys.executable, "-m", "uv", "pip", "list", "--python", folder / "python")
    assert "tensorflow" not in packages
