"""The repository's Markdown files, taken apart: fenced blocks, links, headings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from paths import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]+`")


class Block(NamedTuple):
    """A fenced block: its language, its content, and the line of the document that it begins on."""

    language: str
    body: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    """Yields the fenced blocks of a document."""
    text = document.read_text("utf-8")
    for fence in _FENCE.finditer(text):
        yield Block(fence["language"], fence["body"], text.count("\n", 0, fence.start()) + 2)


def prose(document: Path) -> str:
    """Returns a document without its fenced blocks."""
    return _FENCE.sub("", document.read_text("utf-8"))


def links(document: Path) -> list[str]:
    """Returns the targets of a document's links and pictures."""
    return [link["target"] for link in _LINK.finditer(_INLINE_CODE.sub("", prose(document)))]


def anchors(document: Path) -> set[str]:
    """Returns the anchors of a document's headings, as GitHub makes them."""
    titles = (re.sub(r"[`*]", "", heading["title"]).lower() for heading in _HEADING.finditer(prose(document)))
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in titles}


def name(document: Path) -> str:
    """Returns a document's path within the checkout: a readable id for a test."""
    return document.relative_to(ROOT).as_posix()
