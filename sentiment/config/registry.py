"""The functions that a config may set and refer to, their arguments checked by type at each call."""

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pydantic
from gin.selector_map import SelectorMap

from sentiment.errors import InputError

F = TypeVar("F", bound=Callable)


class SettingError(InputError):
    """A config's value is missing, of a wrong type, or out of range; `build` adds the config's name."""


@dataclass(frozen=True)
class Registered:
    """A function that configs know.

    Attributes:
        name: with its module, as "sentiment.Recipe".
        function: it, with its arguments checked.
        signature: its parameters.
    """

    name: str
    function: Callable
    signature: inspect.Signature

    @property
    def short(self) -> str:
        """The shortest name that means it alone, as "Recipe"."""
        return _BY_NAME.minimal_selector(self.name)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that have a name."""
        variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return tuple(name for name, each in self.signature.parameters.items() if each.kind not in variadic)

    @property
    def defaults(self) -> dict[str, Any]:
        """Parameter -> default, of those that have one."""
        each = {name: self.signature.parameters[name].default for name in self.parameters}
        return {name: default for name, default in each.items() if default is not inspect.Parameter.empty}


_BY_NAME = SelectorMap()


def configurable(function: F, name: str = "", module: str = "sentiment") -> F:
    """Registers a function or class, under its own name or `name`; arguments are checked at each call.

    Returns the checked version: of a class, a function that makes its objects.

    Raises (when called):
        InputError: an argument isn't of the hinted type.
    """
    name = name or function.__name__
    checked = _checked(function, name)
    full = f"{module}.{name}"
    _BY_NAME[full] = Registered(full, checked, _signature(function))
    return checked


def find(selector: str) -> Registered | None:
    """Returns what a name such as `Recipe` or `sentiment.Recipe` means; None: nothing that was registered.

    Raises SettingError where it means several.
    """
    try:
        return _BY_NAME.get_match(selector)
    except KeyError as error:
        raise SettingError(str(error.args[0])) from error


def names() -> list[str]:
    """Returns the short name of everything registered."""
    return [each.short for _, each in _BY_NAME.items()]


def _signature(function: Callable) -> inspect.Signature:
    if not inspect.isclass(function):
        return inspect.signature(function)
    signature = inspect.signature(function.__init__)  # of Trax's classes, gin's calls take anything
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _checked(function: F, name: str) -> F:
    signature = _signature(function)
    hints = typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    fields: dict[str, Any] = {name: (hint, None) for name, hint in hints.items() if name != "return"}
    rules = pydantic.ConfigDict(strict=True, arbitrary_types_allowed=True)
    checker = pydantic.create_model(name, __config__=rules, **fields)

    @functools.wraps(function, updated=())
    def call(*args, **kwargs):
        try:
            checker.model_validate(signature.bind(*args, **kwargs).arguments)
        except pydantic.ValidationError as error:
            wrong, *others = error.errors()
            alike = (other for other in others if other["loc"][0] == wrong["loc"][0])  # the choices of a union
            reasons = [wrong["msg"], *(other["msg"].removeprefix("Input should be ") for other in alike)]
            value = _shortened(repr(wrong["input"]))
            raise SettingError(f"{name}.{wrong['loc'][0]} = {value}: {' or '.join(reasons).lower()}") from error
        except TypeError as error:
            # From Python 3.12 on the reason also says "keyword-only", which means nothing in a config.
            raise SettingError(f"{name}: {str(error).replace('keyword-only ', '')}") from error
        return function(*args, **kwargs)

    return typing.cast(F, call)


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
