"""What prose names exists: files, make targets, modules, and the code's own names in backticks.

Prose is documents, docstrings and comments. A renamed module or function is found here wherever it is still named.
"""

import re

from paths import ROOT
from source_prose import all_prose, code_words, tracked_files

# Names of others, which no code here uses.
_OTHERS = {
    "ascontiguousarray": "NumPy's",
    "datasets": "Hugging Face's",
    "djmodel": "the seeds'",
    "exact_row_wise_adagrad": "FBGEMM's",
    "model2.output_shape": "the seeds'",
    "pmap": "JAX's",
    "pretrained_embedding_layer": "the seeds'",
    "process_tweet": "the seeds'",
    "save_to_disk": "Hugging Face's",
}
_PACKAGES = ("functools.", "jax.", "keras.", "torch.", "trax.")  # of others: their names are theirs
# Written by a program or by a user, or stands for any.
_NO_FILES_HERE = {
    "MODEL_CARD.md",
    "config.gin",
    "run/config.gin",
    "scripts/VERB.py",
    "FILE.md",
    "variant.gin",
    "best.gin",
}
_IN_PACKAGES = ("nltk/data.py", "jax/_src/random/threefry2x32.py")

_PATH = re.compile(r"(?<![\w/.<])((?:[\w-]+/)*[\w-]+\.(?:py|gin|md))\b(?![(\w])")
_TARGET = re.compile(r"(?:`|^    |^#\s+|^\$ )make ([a-z][a-z-]*)", re.MULTILINE)
_MODULE = re.compile(r"(?<![\w/.@-])sentiment(?:\.[a-zA-Z_]\w*)+")
_NAME = re.compile(r"`@?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?`")


def _lost(pattern: re.Pattern, exists) -> list[str]:
    found = [(prose.place, match) for prose in all_prose() for match in pattern.findall(prose.text)]
    assert found  # a pattern that finds nothing checks nothing
    return sorted({f"{place}: {each}" for place, each in found if not exists(place, each)})


def test_every_file_named_exists():
    """A path may begin anywhere above the file: the end of a file's path is what is looked for."""
    files = [f"/{path.as_posix()}" for path in tracked_files()]

    def exists(place: str, named: str) -> bool:
        theirs = named in _IN_PACKAGES or named.endswith("_test.py")  # Trax's own tests
        return theirs or named in _NO_FILES_HERE or any(file.endswith(f"/{named}") for file in files)

    assert _lost(_PATH, exists) == []


def test_every_make_target_named_exists():
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    messages = [path for path in tracked_files() if path.suffix == ".py" and path.name != "test_commands.py"]
    named = {(path, target) for path in messages for target in _TARGET.findall((ROOT / path).read_text("utf-8"))}
    assert [f"{path}: {target}" for path, target in named if target not in targets] == []
    assert _lost(_TARGET, lambda place, target: target in targets) == []


def test_every_module_named_exists():
    def exists(place: str, dotted: str) -> bool:
        if re.fullmatch(r"sentiment\.[A-Z]\w*", dotted):  # a name that configs know, or one of the package's own
            return dotted.removeprefix("sentiment.") in code_words()
        parts = dotted.split(".")
        for n in range(len(parts), 0, -1):
            if source := _source(".".join(parts[:n])):
                return all(re.search(rf"\b{part}\b", source) for part in parts[n:])
        return False

    assert _lost(_MODULE, exists) == []


def _source(dotted: str) -> str:
    """Returns a module's source, "" if there is no such module."""
    path = ROOT.joinpath(*dotted.split("."))
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file.read_text("utf-8") for file in files if file.is_file()), "")


def test_every_name_in_backticks_is_one_of_the_code():
    words = code_words()

    def exists(place: str, named: str) -> bool:
        return named in _OTHERS or named.startswith(_PACKAGES) or set(named.split(".")) <= words

    assert _lost(_NAME, exists) == []


def test_no_name_of_others_is_excused_that_nobody_uses():
    mentioned = {name for prose in all_prose() for name in _NAME.findall(prose.text)}
    assert set(_OTHERS) <= mentioned
