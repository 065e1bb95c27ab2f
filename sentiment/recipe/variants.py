"""The shipped configs: where they are, and what their headers say."""

import re
from dataclasses import dataclass
from pathlib import Path

from sentiment.errors import InputError

_FACTS = ("Result", "Cost", "Command")


@dataclass(frozen=True)
class Variant:
    """One config's header: what it is, what it reaches, what it costs, how to run it."""

    name: str
    path: Path
    summary: str
    result: str
    cost: str
    command: str


def configs_folder() -> Path:
    """Returns the folder of the configs: the package's own where it is installed, else the checkout's."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def find_config(named: str) -> Path:
    """Returns the path of a gin file, or of a shipped config by its name, such as "ngrams"."""
    return Path(named) if "/" in named or named.endswith(".gin") else configs_folder() / f"{named}.gin"


def read_variants(folder: Path) -> list[Variant]:
    """Returns the variants of a folder of gin files by name, without base.gin, which all include.

    Raises:
        InputError: a header lacks one of its lines.
    """
    return [_read(path) for path in sorted(folder.glob("*.gin")) if path.stem != "base"]


def _read(path: Path) -> Variant:
    # The header is the comment that the file opens with; a fact may go on over further lines.
    header = re.match(r"(?:#[^\n]*\n)+", path.read_text("utf-8"))
    text = re.sub(r"\n?# *", " ", header[0] if header else "").strip()
    summary, *facts = re.split(rf"\s+({'|'.join(_FACTS)}):\s+", text)
    stated = dict(zip(facts[::2], facts[1::2], strict=True))
    missing = [name for name in _FACTS if not stated.get(name)]
    if not summary or missing:
        raise InputError(f"{path}: its header must say what it is, then {', '.join(_FACTS)}; missing: {missing}")
    return Variant(path.stem, path, summary, stated["Result"], stated["Cost"], stated["Command"].strip())
