"""The command `sentiment`: the same verbs as the scripts."""

import re
import subprocess
import sys
import sysconfig

import pytest
from paths import ROOT

from sentiment.__main__ import main
from sentiment.commands import cli
from sentiment.commands.cli import run
from sentiment.recipe.variants import configs_folder, find_config

VERBS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py"))


@pytest.fixture
def sentiment(monkeypatch, capsys):
    """Calls `sentiment ...` in this process; returns (exit code, standard output, standard error)."""

    def call(*arguments: object):
        monkeypatch.setattr(sys, "argv", ["sentiment", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


def test_a_bare_command_prints_usage_with_every_verb(sentiment):
    code, out, err = sentiment()
    assert (code, err) == (0, "")
    assert "Usage" in out
    assert all(f" {verb} " in out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_script_finds_the_package_where_nothing_of_this_checkout_is_installed(verb, tmp_path):
    packages = {"PYTHONPATH": sysconfig.get_path("purelib")}  # -S: without the .pth files there
    command = [sys.executable, "-S", ROOT / "scripts" / f"{verb}.py", "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=packages, capture_output=True, text=True, check=False)
    assert "Usage" in done.stdout, done.stderr


def test_a_verb_has_the_flags_of_its_script(sentiment, script):
    for verb in VERBS:
        told, scripts = sentiment(verb, "--help")[1], script(verb, "--help").out
        assert told.split("\n\n")[1:] == scripts.split("\n\n")[1:], "but for the first line, which names the command"


def test_a_verb_that_does_not_exist_is_one_line(sentiment):
    code, out, err = sentiment("trian")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "train" in err


def test_a_verb_ends_as_its_script_does(sentiment):
    assert sentiment("train", "--list")[0] == 0
    code, out, err = sentiment("train", "--config", "absent")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "absent.gin" in err


@pytest.mark.usefixtures("elsewhere")
def test_a_verb_whose_packages_are_not_installed_says_how_to_get_them(sentiment, monkeypatch, small_run):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "sentiment.serving.server", raising=False)
    code, out, err = sentiment("serve", "--run", small_run)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "'.[serve]'" in err


def test_a_bug_that_is_a_missing_module_keeps_its_traceback(monkeypatch):
    def main():
        raise ModuleNotFoundError("No module named 'sentimentt'", name="sentimentt")

    monkeypatch.setattr(sys, "argv", ["script"])
    with pytest.raises(ModuleNotFoundError):
        run(main)


def test_the_trax_that_is_named_is_the_one_that_is_locked():
    assert re.findall(r"^trax==\S+", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE) == [
        re.search(r"trax==\S+", cli._TRAIN)[0]
    ]


def test_a_config_is_named_by_its_path_or_by_the_name_of_one_that_comes_along():
    assert configs_folder() == ROOT / "configs"
    assert find_config("ngrams") == ROOT / "configs" / "ngrams.gin"
    assert str(find_config("mine/my.gin")) == "mine/my.gin"
    assert str(find_config("my.gin")) == "my.gin"
