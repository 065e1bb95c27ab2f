"""Gin configs: read, checked, and written out so that a run can be repeated from one file.

Every configurable's arguments are checked against its type hints when it is called: gin itself accepts any value
for any parameter, and a wrong one would surface as a stack trace from deep inside a layer.
"""

import functools
import inspect
import re
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import gin
import pydantic

from sentiment.errors import InputError

F = TypeVar("F", bound=Callable)

_INCLUDE = re.compile(r"""^include (?P<quote>['"])(?P<file>[^'"\n]+)(?P=quote)[ \t]*(#.*)?$""", re.MULTILINE)


def configurable(function: F, name: str = "") -> F:
    """Registers a function or class with gin, under its own name or `name`; arguments are checked at each call.

    Returns the registered version. What isn't told apart here is that a class becomes a function that makes it.

    Raises (when called):
        InputError: an argument isn't of the hinted type.
    """
    name = name or function.__name__
    return gin.external_configurable(_checked(function, name), name=name, module="sentiment")


def load_config(path: str | Path, bindings: Sequence[str] = ()) -> None:
    """Parses a gin file, then bindings such as `Recipe.steps = 200`, into gin's global state, replacing it.

    `include 'base.gin'` in the file is found beside it.

    Raises:
        InputError: no such file, not gin, an unknown name or parameter.
    """
    text = _with_includes(Path(path))
    gin.clear_config()
    try:
        gin.parse_config("\n".join([text, *bindings]))
    except (ValueError, TypeError, SyntaxError, RuntimeError) as error:
        raise _as_input_error(path, error) from error
    gin.finalize()


def build(what: Callable, path: str | Path):
    """Calls a configurable; what its config, `path`, leaves out or mistypes is told in one line.

    Raises:
        InputError: a required parameter is missing, an argument isn't of the hinted type, a macro isn't defined.
    """
    try:
        return what()
    except (InputError, RuntimeError, ValueError) as error:  # gin raises the latter two for its own findings
        raise _as_input_error(path, error) from error


def operative_config() -> str:
    """Returns every parameter used so far, with its value, as a gin file without includes or macros' sources."""
    return gin.operative_config_str()


def _with_includes(path: Path) -> str:
    # Gin's own search for included files depends on the current folder, and logs each place where it finds none.
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: not a config that can be read ({error}); see configs/"
        ) from error
    return _INCLUDE.sub(lambda line: _with_includes(path.parent / line["file"]), text)


def _as_input_error(path: str | Path, error: Exception) -> InputError:
    # Gin adds the chain of calls, with addresses of functions, on further lines: only its first words help a user.
    told = re.split(r"\s+In call to configurable", str(error))[0]
    return InputError(f"{path}: {told}; configs/base.gin lists the parameters")


def _checked(function: Callable, name: str) -> Callable:
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    fields = {name: (hint, None) for name, hint in hints.items() if name != "return"}
    rules = pydantic.ConfigDict(strict=True, arbitrary_types_allowed=True)
    checker = pydantic.create_model(name, __config__=rules, **fields)

    @functools.wraps(function, updated=())
    def call(*args, **kwargs):
        try:
            checker.model_validate(signature.bind(*args, **kwargs).arguments)
        except pydantic.ValidationError as error:
            wrong = error.errors()[0]
            raise InputError(f"{name}.{wrong['loc'][0]} = {wrong['input']!r}: {wrong['msg'].lower()}") from error
        except TypeError as error:
            raise InputError(f"{name}: {error}") from error
        return function(*args, **kwargs)

    call.__signature__ = signature  # where gin looks up the defaults that it writes into the operative config
    return call
