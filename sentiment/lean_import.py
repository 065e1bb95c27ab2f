"""Import one module of a heavy package without running the `__init__.py` files above it.

`import nltk` loads scipy, `import trax` loads TensorFlow; the few modules that this program needs from either stand on
nothing but their siblings. A shell, an empty package module with the right `__path__`, lets Python find those siblings.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from types import ModuleType


def lean_import(name: str) -> ModuleType:
    """Import the module `name` ("nltk.tokenize.casual") through shells of the packages above it.

    A whole package that is already loaded is used as it is. Otherwise everything that was loaded of it is taken out
    of `sys.modules` again, so that a later `import nltk` anywhere gives the real, whole package. Classes of the two
    copies are then different objects.

    Raises:
        ModuleNotFoundError: no such module or package.
    """
    top = name.partition(".")[0]
    if top in sys.modules:
        return importlib.import_module(name)
    above = [name[:dot] for dot, letter in enumerate(name) if letter == "."]
    with set_aside(top), shells(*above):
        return importlib.import_module(name)


@contextmanager
def shells(*packages: str) -> Iterator[None]:
    """Load `packages`, outermost first, as empty shells; those already loaded stay as they are.

    The shells stay in `sys.modules` afterwards, unless a `set_aside` around this takes them out. When the block
    fails, the shells that it made are taken out.
    """
    made = []
    try:
        for package in packages:
            if package not in sys.modules:
                sys.modules[package] = _shell(package)
                made.append(package)
        yield
    except BaseException:
        for package in made:
            sys.modules.pop(package, None)
        raise


@contextmanager
def set_aside(*tops: str) -> Iterator[None]:
    """Take `tops` and all below them out of `sys.modules`; afterwards what was there before is back, and only that."""

    def take_out() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if any(f"{name}.".startswith(f"{top}.") for top in tops)]
        return {name: sys.modules.pop(name) for name in names}

    before = take_out()
    try:
        yield
    finally:
        take_out()
        sys.modules.update(before)


@contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let modules seem not to be installed, unless they are loaded: for a package that imports what it finds."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not there
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _shell(package: str) -> ModuleType:
    parent, _, last = package.rpartition(".")
    found = PathFinder.find_spec(package, sys.modules[parent].__path__ if parent else None)
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError(f"No package named {package!r}", name=package)
    spec = ModuleSpec(package, loader=None, origin=found.origin, is_package=True)
    spec.submodule_search_locations = found.submodule_search_locations
    shell = module_from_spec(spec)
    shell.__file__ = found.origin
    if parent:
        setattr(sys.modules[parent], last, shell)
    return shell
