"""Commands that documents show: found, taken apart, and checked against the program's own flags without being run."""

import importlib
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import typer
from documents import blocks
from paths import ROOT
from typer.exceptions import TyperException

# Not ours: their flags are theirs to check.
FOREIGN = {"alias", "curl", "pip", "there/bin/pip", "tensorboard"}

_ENVIRONMENT = re.compile(r"[A-Z_]+=\S*")
_VERB = re.compile(r"scripts/(\w+)\.py")
_PYTHON = re.compile(r"(?:\S*/)?python[\d.]*")
_UP_TO_DATE = (".venv/bin/python", ".venv/installed", ".venv/installed-serve")
_UP_TO_DATE += (".venv/installed-scale", ".venv/installed-dev")
_UP_TO_DATE += (".venvs/bench/installed",)


class Command(NamedTuple):
    """A command as a document shows it, and the lines shown below it."""

    text: str
    output: tuple[str, ...] = ()


class UnknownError(Exception):
    """A documented command that the program doesn't have."""


def shown_commands(document: Path) -> Iterator[Command]:
    """Yields the commands of a document's `console` blocks (after a `$`) and `sh` blocks (each line)."""
    for block in blocks(document):
        body = block.body.replace("\\\n", " ")
        if block.language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, *output = part.splitlines()
                yield Command(command, tuple(output))
        elif block.language == "sh":
            for line in body.splitlines():
                yield Command(re.sub(r"\s+# .*$", "", line))


def mentioned_commands(text: str) -> Iterator[str]:
    """Yields the commands that stand in backticks within prose; VERB or NAME stands for any."""
    for code in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", text):
        one_line = " ".join(code.split())
        if re.match(r"(make|sentiment|pytest|python) [^A-Z]|scripts/\w+\.py\b", one_line):
            yield one_line


def check(command: str) -> None:
    """Checks each part of a shell command.

    Raises:
        UnknownError: there is no such make target or variable, verb, flag, setting or file.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("&|;"):
            _check_words(words)
            words = []
        else:
            words.append(word)


def _check_words(words: list[str]) -> None:
    while words and (_ENVIRONMENT.fullmatch(words[0]) or words[0] in ("srun", "--ntasks") or words[0].isdigit()):
        words = words[1:]
    if not words or words[0] in FOREIGN:
        return
    first, *arguments = words
    if first == "make":
        _check_make(arguments)
    elif first == "sentiment":
        _check_verb(arguments[0], arguments[1:])
    elif verb := _VERB.fullmatch(first):
        _check_verb(verb[1], arguments)
    elif _PYTHON.fullmatch(first):
        _check_python(arguments)
    elif first == "pytest":
        _check_paths(arguments)
    else:
        raise UnknownError(f"{first}: not a command of ours; add it to FOREIGN if it is another's")


def _check_python(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        module, rest = arguments[1], arguments[2:]
        if module == "sentiment":
            _check_verb(rest[0], rest[1:])
        elif module == "pytest":
            _check_paths(rest)
        elif module not in ("venv", "pip", "ruff", "mypy"):
            raise UnknownError(f"python -m {module}: not a command of ours")
        return
    script, *rest = arguments
    if verb := _VERB.fullmatch(script):
        _check_verb(verb[1], rest)
        return
    if not (ROOT / script).is_file():
        raise UnknownError(f"{script}: no such file")
    source = (ROOT / script).read_text("utf-8")
    for flag in (word.removeprefix("--") for word in rest if word.startswith("--")):
        if f'"--{flag}"' not in source and not re.search(rf"\b{flag.replace('-', '_')}: Annotated", source):
            raise UnknownError(f"{script}: no flag --{flag}")


def _check_paths(arguments: list[str]) -> None:
    for path in (word for word in arguments if word.startswith("tests")):
        if not (ROOT / path).exists():
            raise UnknownError(f"{path}: no such file")


def _check_make(arguments: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for word in arguments:
        name, assigned, _ = word.partition("=")
        if assigned and f"$({name})" not in makefile and f"({name})" not in makefile and f",{name}" not in makefile:
            raise UnknownError(f"make: no variable {name}")
    old = [flag for file in _UP_TO_DATE for flag in ("-o", file)]
    done = subprocess.run(
        ["make", "-n", "--no-print-directory", *old, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UnknownError(done.stderr.strip())
    for line in done.stdout.splitlines():
        if re.match(r"\S*python \S*(scripts|benchmarks)/", line):
            check(line)


def _check_verb(verb: str, arguments: list[str]) -> None:
    if not (ROOT / "scripts" / f"{verb}.py").is_file():
        raise UnknownError(f"no verb {verb}")
    app = typer.Typer(add_completion=False)
    app.command()(importlib.import_module(f"sentiment.commands.{verb}").main)
    try:
        given = typer.main.get_command(app).make_context(verb, list(arguments)).params
    except TyperException as error:
        raise UnknownError(f"{verb}: {error.format_message()}") from error
    if verb == "train" and not str(given["config"]).startswith("<"):
        _check_settings(given["config"], given["set_"] or [])


def _check_settings(config: str, bindings: list[str]) -> None:
    from sentiment.errors import InputError
    from sentiment.recipe.recipe import read_recipe
    from sentiment.recipe.variants import find_config

    named = find_config(config)
    try:
        read_recipe(named if named.is_absolute() else ROOT / named, bindings)
    except InputError as error:
        raise UnknownError(str(error)) from error
