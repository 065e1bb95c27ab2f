"""Gin configs: read, checked, and written out so that a run can be repeated from one file.

Every configurable's arguments are checked against its type hints when it is called: gin itself accepts any value
for any parameter, and a wrong one would surface as a stack trace from deep inside a layer.
"""

import functools
import inspect
import re
import tokenize
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import gin
import pydantic

from sentiment.errors import InputError, UnavailableError

F = TypeVar("F", bound=Callable)

_INCLUDE = re.compile(r"""^[ \t]*include[ \t]+(?P<quote>['"])(?P<file>[^'"\n]+)(?P=quote)[ \t]*(#.*)?$""", re.MULTILINE)


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
        InputError: no such file, not gin, an unknown name or parameter, a required one that isn't given.
    """
    gin.clear_config()
    _parse_file(Path(path))
    for binding in bindings:
        _parse(f"{path} with {binding}", binding)
    try:
        gin.finalize()
    except ValueError as error:
        raise _as_input_error(path, error) from error


def build(what: Callable, path: str | Path):
    """Calls a configurable; what its config, `path`, leaves out or mistypes is told in one line.

    Raises:
        InputError: a required parameter is missing, an argument isn't of the hinted type, a macro isn't defined.
    """
    try:
        return what()
    except InputError as error:
        if isinstance(error, SettingError):
            raise _as_input_error(path, error) from error
        kind = UnavailableError if isinstance(error, UnavailableError) else InputError
        raise kind(_first_words(error)) from error  # of a corpus file, say: that is not the config's fault
    except (RuntimeError, ValueError) as error:  # gin's own findings
        raise _as_input_error(path, error) from error


def operative_config() -> str:
    """Returns every parameter used so far, with its value, as a gin file without includes or macros' sources."""
    return gin.operative_config_str()


def _parse_file(path: Path, above: tuple[Path, ...] = ()) -> None:
    # Gin's own search for included files depends on the current folder, and logs each place where it finds none.
    if path.resolve() in above:
        raise InputError(f"{path}: includes itself; take out one of the lines `include`")
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a config that can be read ({error}); see configs/") from error
    start = 0
    for line in _INCLUDE.finditer(text):
        _parse(path, text[start : line.start()], text.count("\n", 0, start))
        _parse_file(path.parent / line["file"], (*above, path.resolve()))
        start = line.end()
    _parse(path, text[start:], text.count("\n", 0, start))


def _parse(source: str | Path, text: str, lines_before: int = 0) -> None:
    try:
        gin.parse_config("\n" * lines_before + text)  # so that gin's line numbers are those of the file
    except (ValueError, TypeError, SyntaxError, RuntimeError, ImportError, OSError, tokenize.TokenError) as error:
        raise _as_input_error(source, error) from error


class SettingError(InputError):
    """A config's value is missing, of a wrong type, or out of range; `build` adds the config's name."""


def _as_input_error(path: str | Path, error: Exception) -> InputError:
    return InputError(f"{path}: {_first_words(error)}; configs/base.gin lists the parameters")


def _first_words(error: Exception) -> str:
    # Gin adds the chain of calls, or the whole config, on further lines: only what comes before helps a user.
    told = re.split(r"\s+In call to configurable| in config string:", str(error))[0]
    return re.sub(r" at 0x[0-9a-f]+", "", told)


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
            wrong, *others = error.errors()
            alike = (other for other in others if other["loc"][0] == wrong["loc"][0])  # the choices of a union
            told = " or ".join([wrong["msg"], *(other["msg"].removeprefix("Input should be ") for other in alike)])
            raise SettingError(f"{name}.{wrong['loc'][0]} = {wrong['input']!r}: {told.lower()}") from error
        except TypeError as error:
            raise SettingError(f"{name}: {error}") from error
        return function(*args, **kwargs)

    call.__signature__ = signature  # where gin looks up the defaults that it writes into the operative config
    return call
