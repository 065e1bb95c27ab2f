"""SemEval's tweets (2013-2016, task 4A), from files of id, label and text; their text is partly escaped."""

import html
import re
from pathlib import Path

import numpy as np

LABELS = ("negative", "neutral", "positive")
TRAIN_3 = (
    "2013train",
    "2013dev",
    "2013test",
    "2014test",
    "2015train",
    "2015test",
    "2016train",
    "2016dev",
    "2016devtest",
)
TEST_3 = "2016test"
_CODE = re.compile(r"\\u([0-9a-fA-F]{4})")


def read(folder: Path, names: tuple[str, ...]) -> tuple[list[str], np.ndarray]:
    """Returns texts and labels, <int>[n] places in `LABELS`, of parts such as "2016test"; a text comes once."""
    found: dict[str, int] = {}
    for name in names:
        for line in (folder / f"twitter-{name}-A.tsv").read_text("utf-8").split("\n"):
            if line.strip():
                _, label, text = line.split("\t")[:3]
                found.setdefault(_clean(text), LABELS.index(label))
    return list(found), np.array(list(found.values()))


def _clean(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('""', '"')
    return html.unescape(html.unescape(_CODE.sub(lambda match: chr(int(match[1], 16)), text)))
