"""make takes the newest Python that serves, refuses others in one line, and lists what it can do."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paths import ROOT

MAKE = shutil.which("make") or "make"
RULES = re.findall(r"^([a-z-]+):(?!=)(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def _make(*arguments: object, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = None if path is None else {"PATH": str(path)}
    return subprocess.run([MAKE, *map(str, arguments)], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def on_path(tmp_path):
    """Makes a PATH of these commands alone: True for an interpreter that serves, False for one that doesn't start."""

    def build(**commands: bool) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name, serves in commands.items():
            script = folder / name.replace("_", ".")
            script.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n' if serves else "#!/bin/sh\nexit 127\n")
            script.chmod(0o755)
        return folder

    return build


def _would_run(path: Path, tmp_path: Path, *arguments: str) -> str:
    return _make("-n", tmp_path / "new/bin/python", f"VENV={tmp_path}/new", *arguments, path=path).stdout.split(" ")[0]


def test_the_newest_python_that_starts_makes_the_environment(on_path, tmp_path):
    path = on_path(python3_14=False, python3_13=True, python3_12=True, python3=True)
    assert _would_run(path, tmp_path) == "python3.13"
    assert _would_run(path, tmp_path, "PYTHON=python3.12") == "python3.12"


def test_a_lone_python3_serves(on_path, tmp_path):
    assert _would_run(on_path(python3=True), tmp_path) == "python3"


@pytest.mark.parametrize("named", [(), ("PYTHON=python3.10",)])
def test_where_none_serves_one_line_says_which_would(on_path, tmp_path, named):
    done = _make(tmp_path / "new/bin/python", f"VENV={tmp_path}/new", *named, path=on_path(python3_10=False))
    assert done.returncode == 2
    assert re.fullmatch(r"Makefile:\d+: \*\*\* .*Python 3\.11 to 3\.14.*PYTHON=.*\n", done.stderr)
    assert not (tmp_path / "new").exists()


def test_every_rule_is_phony_and_in_the_help():
    phony = re.search(r"^\.PHONY: (.*?[^\\])$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert phony
    names = {name for name, _ in RULES}
    assert names == set(phony[1].replace("\\\n", " ").split())
    listed = _make("help").stdout
    assert {line.split()[1] for line in listed.splitlines()} == names


VARIABLES = {
    "prepare": ("CORPUS", "CONFIG", "TEXT", "LABEL", "OUTPUT"),
    "train": ("CONFIG", "CORPUS", "TEXT", "LABEL", "RUN"),
    "distil": ("TEACHER", "STUDENT", "CORPUS", "RUN"),
    "search": ("CONFIG", "CORPUS", "RUN"),
    "eval": ("CORPUS", "RUN"),
    "report": ("RUN",),
    "predict": ("SENTENCE", "RUN"),
    "serve": ("RUN",),
    "corpus": ("CORPUS", "TEXT", "LABEL"),
}
# White space in front of a value is no part of it to make.
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(str.strip).filter(bool)


@pytest.fixture(scope="module")
def shows(tmp_path_factory):
    """A command in the place of Python that prints the words it is given."""
    script = tmp_path_factory.mktemp("bin") / "python"
    script.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    script.chmod(0o755)
    return script


@settings(max_examples=10)
@example("my tweets (1).csv")
@example('it\'s $5 "now"; `id` $(id) ${HOME} \\ #1 * & | 100%')
@given(WORDS)
@pytest.mark.parametrize("rule", VARIABLES)
def test_a_value_reaches_the_command_as_one_word_and_no_shell_reads_it(shows, rule, value):
    old = [word for file in ("install", ".venv/installed-scale", ".venv/installed-serve") for word in ("-o", file)]
    assigned = [f"{name}={value}" for name in VARIABLES[rule]]
    words = json.loads(_make("-s", *old, f"PY={shows}", rule, *assigned).stdout)
    assert words.count(value) == len(assigned)
