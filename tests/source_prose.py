"""The repository's files parted into prose (documents, docstrings, comments) and code (every other word)."""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from paths import ROOT

_BEFORE_A_DOCSTRING = (None, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
_BOTH = (".js", ".html", ".css", ".toml", ".in", "")  # comments aren't told from code here: "" is a Makefile, .ci/run


class Prose(NamedTuple):
    """A docstring, a comment or a document, and where it stands."""

    place: str
    text: str


@cache
def tracked_files() -> tuple[Path, ...]:
    """Returns the files of the checkout that git tracks or would add, relative to its top."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for path in map(Path, listed.splitlines()) if (ROOT / path).is_file())


@cache
def all_prose() -> tuple[Prose, ...]:
    """Returns everything that is written for people."""
    return tuple(prose for path in tracked_files() for prose in _prose(path))


@cache
def code_words() -> frozenset[str]:
    """Returns every word of the code, of file names and of settings: what a name in prose may refer to."""
    words = {word for path in tracked_files() for part in path.parts for word in re.findall(r"\w+", part)}
    for path in tracked_files():
        if path.suffix == ".py":
            words |= {word for string, is_prose in _parts(path) if not is_prose for word in re.findall(r"\w+", string)}
        elif path.suffix == ".gin":
            words |= set(re.findall(r"\w+", re.sub("#.*", "", _read(path))))
        elif path.suffix in _BOTH:
            words |= set(re.findall(r"\w+", _read(path)))
    return frozenset(words)


def _prose(path: Path) -> Iterator[Prose]:
    if path.suffix == ".py":
        yield from (Prose(str(path), string) for string, is_prose in _parts(path) if is_prose)
    elif path.suffix in (".md", ".gin", *_BOTH) and path.name != "LICENSE":
        yield Prose(str(path), _read(path))


def _parts(path: Path) -> Iterator[tuple[str, bool]]:
    """Yields each token of a Python file, and whether it is a comment or a docstring."""
    before = None
    for token in tokenize.generate_tokens(io.StringIO(_read(path)).readline):
        is_docstring = token.type == tokenize.STRING and before in _BEFORE_A_DOCSTRING
        yield token.string, token.type == tokenize.COMMENT or is_docstring
        if token.type not in (tokenize.COMMENT, tokenize.NL):
            before = token.type


def _read(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")
