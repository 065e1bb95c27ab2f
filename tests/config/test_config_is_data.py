"""A config is data: nothing that it names is imported, and nothing outside of its folder is read.

Each attack below ran a command, or read a file, before 2026-11-26.
"""

import json
import shutil
import sys

import pytest
from small_configs import CONFIGS, refusal, writer

from sentiment.recipe.recipe import read_recipe
from sentiment.storage.files import sha256_of

COMMAND = "import pathlib; pathlib.Path('executed').touch()"

# Eight ways to a command in gin: lines before and after those of a config. The module `payload` runs it when imported.
# With dynamic registration gin resolves names in the modules imported so far, up to the next include; what it has
# registered is known from then on.
DYNAMIC = "from __gin__ import dynamic_registration\n"
ATTACKS = {
    "import": ("import payload\n", ""),
    "import of a member": ("import innocent.payload\n", ""),
    "import under another name": ("import payload as data\n", ""),
    "from": ("from innocent import payload\n", ""),
    "from, under another name": ("from innocent import payload as data\n", ""),
    "dynamic registration": (
        f"{DYNAMIC}import os\nos.system.command = 'touch executed'\ninclude 'empty.gin'\n",
        "Recipe.seed = @os.system()\n",
    ),
    "dynamic registration under another name": (
        f"{DYNAMIC}import subprocess as data\ndata.run.args = ['touch', 'executed']\ninclude 'empty.gin'\n",
        "Recipe.seed = @data.run()\n",
    ),
    "an include of one that imports": ("include 'more.gin'\n", ""),
}


@pytest.fixture
def write(tmp_path):
    return writer(tmp_path)


@pytest.fixture
def attack(elsewhere, monkeypatch):
    """Returns what puts an attack around a config's lines, once what it imports lies where Python finds it."""
    package = elsewhere / "modules" / "innocent"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    for folder in (package, package.parent):
        (folder / "payload.py").write_text(COMMAND)
    monkeypatch.syspath_prepend(str(package.parent))
    for name in ("payload", "innocent", "innocent.payload"):  # imported by an earlier attack, they would do nothing
        monkeypatch.delitem(sys.modules, name, raising=False)

    def around(name, lines, folder):
        (folder / "more.gin").write_text("import payload\n")
        (folder / "empty.gin").touch()
        before, after = ATTACKS[name]
        return before + lines + after

    return around


@pytest.fixture
def armed(small_run, attack, elsewhere):
    """Copies a run, puts an attack on top of its config, and makes the manifest vouch for it."""

    def arm(name, task=""):
        run = elsewhere / "armed"
        shutil.copytree(small_run, run)
        config = run / "config.gin"
        config.write_text(attack(name, config.read_text(), run))
        _change(run / "model.json", lambda facts: facts | ({"task": task} if task else {}))
        sha256 = {name: sha256_of(run / name) for name in ("config.gin", "model.json")}
        _change(run / "manifest.json", lambda facts: facts | {"sha256": facts["sha256"] | sha256})
        return run

    return arm


def _change(path, change):
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


COMMANDS = {
    "evaluate": lambda run, _: ("evaluate", "--run", run),
    "report": lambda run, _: ("report", "--run", run),
    "compare": lambda run, other: ("evaluate", other, run),
    "generate": lambda run, _: ("generate", "--run", run),
    "train": lambda run, _: ("train", "--config", run / "config.gin", "--steps", 2),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("attack_name", ATTACKS)
def test_no_command_executes_what_a_runs_config_names(armed, small_run, script, elsewhere, attack_name, command):
    run = armed(attack_name, "next_token" if command == "generate" else "")
    answer = script(*COMMANDS[command](run, small_run))
    assert answer.code == 2
    assert "config.gin: line 1: " in answer.err
    assert answer.err.count("\n") == 1
    assert not (elsewhere / "executed").exists()


@pytest.mark.parametrize("attack_name", ATTACKS)
def test_nor_a_config_that_is_given(attack, script, elsewhere, attack_name):
    (elsewhere / "my.gin").write_text(attack(attack_name, "include 'mean.gin'\n", elsewhere))
    answer = script("train", "--config", "my.gin")
    assert answer.code == 2
    assert "gin: line " in answer.err
    assert answer.err.count("\n") == 1
    assert not (elsewhere / "executed").exists()


@pytest.mark.parametrize("attack_name", ATTACKS)
def test_nor_a_setting_of_the_command_line(attack, script, elsewhere, attack_name):
    answer = script("train", "--set", attack(attack_name, "", elsewhere))
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert not (elsewhere / "executed").exists()


def test_nor_what_a_pretrained_runs_config_names(armed, script, moods, elsewhere):
    run = armed("dynamic registration")
    answer = script("train", *moods, "--steps", 2, "--set", f"Recipe.pretrained = '{run}'")
    assert answer.code in (0, 2)
    assert not (elsewhere / "executed").exists()


def test_a_reference_is_to_what_is_registered_alone(write):
    for line in ("@os.system()", "@builtins.eval()", "@gin.singleton()", "@trax.layers.Fn()", "@gin.macro()", "@print"):
        assert "no function" in refusal(read_recipe, write("include 'mean.gin'", f"Recipe.seed = {line}"))


def test_ours_are_included_by_name_from_anywhere(tmp_path):
    config = tmp_path / "mine.gin"
    config.write_text("include 'mean.gin'\nRecipe.steps = 7\n")
    assert read_recipe(config).steps == 7


def test_a_file_beside_or_below_is_included(write, tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "more.gin").write_text("include 'most.gin'\n")
    (tmp_path / "parts" / "most.gin").write_text("Recipe.steps = 7\n")
    assert read_recipe(write("include 'mean.gin'", "include 'parts/more.gin'")).steps == 7


@pytest.fixture
def outside(tmp_path_factory):
    path = tmp_path_factory.mktemp("outside") / "secret.gin"
    path.write_text("Recipe.steps = 7\n")
    return path


def test_a_file_elsewhere_is_not(write, outside, tmp_path):
    (tmp_path / "file.gin").symlink_to(outside)
    (tmp_path / "folder").symlink_to(outside.parent)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "up.gin").write_text("include '../mean.gin'\n")
    for named in (
        outside,
        f"../{outside.parent.name}/secret.gin",
        "below/../mean.gin",
        "file.gin",
        "folder/secret.gin",
    ):
        line = refusal(read_recipe, write("include 'mean.gin'", f"include '{named}'"))
        assert "line 2: include" in line
        assert "copy the file there" in line
    assert "up.gin: line 1: include" in refusal(read_recipe, write("include 'below/up.gin'"))


def test_a_runs_own_config_includes_nothing(small_run, script, elsewhere):
    shutil.copytree(small_run, elsewhere / "run")
    (elsewhere / "run" / "manifest.json").unlink()  # an unfinished run's is read too
    (elsewhere / "run" / "config.gin").write_text("include 'mean.gin'\n")
    answer = script("train", "--config", elsewhere / "run" / "config.gin")
    assert answer.code == 2
    assert "a run's own config includes nothing" in answer.err


def test_a_run_to_repeat_is_verified(small_run, script, elsewhere):
    shutil.copytree(small_run, elsewhere / "run")
    with (elsewhere / "run" / "config.gin").open("a") as file:
        file.write("Recipe.steps = 2\n")
    answer = script("train", "--config", elsewhere / "run" / "config.gin")
    assert answer.code == 2
    assert "config.gin: altered" in answer.err


def test_all_configs_that_come_along_say_the_same_from_elsewhere(tmp_path):
    for config in sorted(CONFIGS.glob("*.gin")):
        if config.stem != "base":
            shutil.copy(config, tmp_path)
            assert read_recipe(tmp_path / config.name).name == config.stem
