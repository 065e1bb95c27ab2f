"""Configs that tests write: beside base.gin and mean.gin, and the one line that says what is wrong with one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from paths import ROOT

from sentiment.errors import InputError

CONFIGS = ROOT / "configs"


def writer(folder: Path) -> Callable[..., Path]:
    """Returns what writes `variant.gin`, of the given lines, into a folder with base.gin and mean.gin."""
    for name in ("base.gin", "mean.gin"):
        shutil.copy(CONFIGS / name, folder)

    def write(*lines: str, name: str = "variant.gin") -> Path:
        path = folder / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def refusal(call: Callable, *arguments: object) -> str:
    """Returns the one line with which a call refuses its arguments."""
    with pytest.raises(InputError) as raised:
        call(*arguments)
    line = str(raised.value)
    assert "\n" not in line
    assert " at 0x" not in line, "an address helps nobody"
    assert len(line) < 400
    return line
