"""Commands in documents work: all have flags and settings that exist; those that can be run here are run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documented_commands import Command, UnknownError, check, mentioned_commands, shown_commands
from documents import DOCUMENTS, blocks, name, prose
from paths import FIXTURES, ROOT

from sentiment.recipe.variants import read_variants

# What isn't run, and why; the first pattern that fits counts.
NOT_RUN = {
    r"^make (bench|quality|variants-table|export-table)": "minutes to hours; what they print stands in their tables",
    r"^make (dev|test|lint)": "it would run itself, or what CI runs beside it",
    r"^make serve|^curl": "a service runs until it is stopped: tests/serving starts it and asks",
    r"^pip|^python -m venv|^there/": "needs a network: tests/test_packaging.py and test_predict_environment.py install",
    r"^srun|--coordinator|JAX_COORDINATOR|--ray \d": "needs several machines: tests start processes here",
    r"s3://": "needs S3: tests/download/test_s3.py starts one",
    r"crowdflower|emojifier|language_model|ensemble": "minutes, and fetches vectors or a corpus",
    r"Recipe\.pretrained": "my.csv stands for the reader's own file; tests/training/test_warm_start.py goes on",
    r"^(make|sentiment) distil": "needs a trained teacher: tests/distillation has small ones teach",
    r"DEVICE=": "downloads gigabytes for a device that isn't here",
    r"--corpus prepared": "it stands for the reader's own folder; tests/preparation trains on such folders",
    r"twitter-roberta-base": "it stands for the reader's own folder; tests/transformers makes small ones",
    r"--map good": "my.csv stands for the reader's own file, with labels of his own",
}
# What is run by `make test-slow` alone.
SLOW = {
    r"^sentiment search": "trains several times",
    r"^(make|sentiment) train": "trains, and fetches a corpus or the default's word vectors",
    r"^make report|evaluate runs/": "evaluates once more, as the tests of report and comparison do",
}


def _reason(command: str, reasons: dict[str, str]) -> str:
    return next((reason for pattern, reason in reasons.items() if re.search(pattern, command)), "")


def _shown(slow: bool) -> list:
    shown: dict[str, tuple[str, Command]] = {}  # a command that two pages show is run once
    for document in DOCUMENTS:
        for command in shown_commands(document):
            if not _reason(command.text, NOT_RUN) and bool(_reason(command.text, SLOW)) == slow:
                shown.setdefault(command.text, (f"{name(document)}: {command.text}", command))
    return [pytest.param(command, id=place) for place, command in shown.values()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_command_has_flags_and_settings_that_exist(document):
    for command in [*shown_commands(document), *map(Command, mentioned_commands(prose(document)))]:
        check(command.text)


@pytest.mark.parametrize("variant", read_variants(ROOT / "configs"), ids=lambda variant: variant.name)
def test_a_configs_command_has_flags_that_exist(variant):
    for part in variant.command.split(";"):
        if part.strip().startswith("make"):
            check(part.strip())


@pytest.mark.parametrize(
    "command",
    [
        "make trian",
        "make train KORPUS=my.csv",
        'make train ARGS="--stpes 3"',
        "make train ARGS=\"--set 'Recipe.stpes = 3'\"",
        "make train CONFIG=configs/nothing.gin",
        "sentiment predcit 'what a day'",
        "sentiment predict --explian 'what a day'",
        "sentiment evaluate --neutral maybe",
        "true && sentiment serve --prot 8000",
        "python benchmarks/speed.py --write --ruonds 3",
        "python benchmarks/sped.py",
        "pytest tests/nothing.py",
    ],
)
def test_a_command_that_does_not_exist_is_noticed(command):
    with pytest.raises(UnknownError):
        check(command)


@pytest.fixture
def checkout(tmp_path, small_run, monkeypatch) -> Path:
    """A scratch checkout as a reader has it after a training: runs of the names in the documents, and files of his."""
    for entry in ROOT.iterdir():
        if entry.name not in (".venv", ".venvs", ".git", "runs"):
            (tmp_path / entry.name).symlink_to(entry)
    python = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n'
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for program, content in (("python", python), ("sentiment", python.replace('" "$@"', '" -m sentiment "$@"'))):
        (binaries / program).write_text(content, "utf-8")
        (binaries / program).chmod(0o755)
    for mark in ("installed", "installed-serve", "installed-scale", "installed-dev"):
        (binaries.parent / mark).touch()
    shown = "\n".join(document.read_text("utf-8") for document in DOCUMENTS)
    for run in {"0001-mean-moods", *re.findall(r"runs/(\d{4}-\w+-\w+)", shown)}:
        shutil.copytree(small_run, tmp_path / "runs" / run)
    moods = (FIXTURES / "moods.csv").read_text("utf-8")
    (tmp_path / "my.csv").write_text(moods, "utf-8")
    (tmp_path / "big.csv").write_text(moods.replace("text,mood", "text,label", 1), "utf-8")
    monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def _run(command: str, checkout: Path) -> str:
    done = subprocess.run(["bash", "-ec", command], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", _shown(slow=False))
def test_a_shown_command_runs(command, checkout):
    printed = _run(command.text, checkout)
    if "moods.csv" in command.text:  # the one corpus whose figures don't depend on what was trained before
        lines = printed.splitlines()
        assert [line for line in command.output if line != "..." and line not in lines] == []


@pytest.mark.slow
@pytest.mark.parametrize("command", _shown(slow=True))
def test_a_shown_command_that_takes_longer_runs(command, checkout):
    _run(command.text, checkout)


def _python() -> list:
    shown = [(name(document), block) for document in DOCUMENTS for block in blocks(document)]
    return [pytest.param(block.body, id=place) for place, block in shown if block.language == "python"]


@pytest.mark.parametrize("shown", _python())
def test_shown_python_runs(shown, checkout):
    (checkout / "shown.py").write_text(shown, "utf-8")
    _run(".venv/bin/python shown.py", checkout)


@pytest.mark.parametrize("reasons", [NOT_RUN, SLOW], ids=["not run", "slow"])
def test_no_reason_outlives_its_command(reasons):
    texts = [command.text for document in DOCUMENTS for command in shown_commands(document)]
    assert [pattern for pattern in reasons if not any(re.search(pattern, text) for text in texts)] == []
