"""One config's settings: each function called with its own, and those that were used written out again."""

import difflib
import inspect
import math
import pprint
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import gin

from sentiment.config.registry import Registered, SettingError, find, names
from sentiment.config.statements import Binding, Includes, Macro, Reference, parse_binding, read_statements
from sentiment.errors import InputError

T = TypeVar("T")

_REQUIRED = ("gin.REQUIRED", "REQUIRED")  # macros of gin's own: another line must give the value
_MOST_VALUES = 10_000  # that one setting comes to, macros and calls expanded: each line can double those before it
_DEEPEST = 32  # brackets in brackets, and macros of macros


@dataclass
class Config:
    """The settings of one config: a value of its own, which other configs, in other threads, never change.

    Attributes:
        path: the file, which messages name.
        values: a function's registered name -> parameter -> what the config binds to it.
        macros: a macro's name -> its value.
        used: like `values`: what the functions called so far were given, defaults included.
    """

    path: Path
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    macros: dict[str, Any] = field(default_factory=dict)
    used: dict[str, dict[str, Any]] = field(default_factory=dict)

    def make(self, function: str) -> Any:
        """Calls a function, such as "Recipe", with its settings.

        Raises:
            InputError: a setting is missing or of the wrong type, with the config's name.
        """
        return build(Bound(self, _known(function).name), self.path)

    def get(self, function: str, parameter: str) -> Any:
        """Returns what is bound to a function's parameter, as it stands in the config; None: nothing is."""
        return self.values.get(_known(function).name, {}).get(parameter)

    def settings(self, function: str) -> dict[str, Any]:
        """Returns what a call of a function, without arguments, is given, by parameter; it counts as used."""
        entry = _known(function)
        bound = {each: self._without_macros(value) for each, value in self.values.get(entry.name, {}).items()}
        self.used.setdefault(entry.name, {}).update(entry.defaults | bound)
        return entry.defaults | bound

    def bind(self, function: str, parameter: str, value: Any) -> None:
        """Binds a value, as a line at the config's end would."""
        self.values.setdefault(_known(function).name, {})[parameter] = value

    def take(self, other: "Config", *functions: str) -> None:
        """Takes another config's values of some functions in place of its own, and which of them were used."""
        for name in (_known(function).name for function in functions):
            for of_each, theirs in ((self.values, other.values), (self.used, other.used)):
                of_each.pop(name, None)
                if name in theirs:
                    of_each[name] = dict(theirs[name])

    def operative(self) -> str:
        """Returns every setting used so far, defaults included, as a gin file that needs no other."""
        shorts = {name: _known(name).short for name in self.used}
        blocks = []
        for name in sorted(self.used, key=lambda name: shorts[name].lower()):
            lines = [f"# Parameters for {shorts[name]}:", f"# {'=' * 78}"]
            given = [(parameter, value) for parameter, value in sorted(self.used[name].items()) if _is_literal(value)]
            lines += [_line(f"{shorts[name]}.{parameter}", value) for parameter, value in given]
            blocks.append("\n".join([*lines, *([] if given else ["# None."]), ""]))
        return "\n".join(blocks)

    def call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Calls a registered function: what the caller passes counts before the config, the config before defaults."""
        entry = _known(name)
        try:
            passed = entry.signature.bind_partial(*args, **kwargs).arguments
        except TypeError as error:
            raise SettingError(f"{entry.short}: {error}") from error
        bound = {each: value for each, value in self.values.get(name, {}).items() if each not in passed}
        left = {each: value for each, value in entry.defaults.items() if each not in passed}
        operative = left | {each: self._without_macros(value) for each, value in bound.items()}
        self.used.setdefault(name, {}).update(operative)
        given = {each: self._resolved(value) for each, value in bound.items()}
        return entry.function(*args, **kwargs, **given)

    def _without_macros(self, value: Any) -> Any:
        return _mapped(
            value, lambda each: self._without_macros(self.macros[each.name]) if isinstance(each, Macro) else each
        )

    def _resolved(self, value: Any) -> Any:
        def resolve(each: Any) -> Any:
            if not isinstance(each, Reference):
                return each
            bound = Bound(self, _known(each.name).name)
            return bound() if each.called else bound

        return _mapped(self._without_macros(value), resolve)


class Bound:
    """A registered function with a config's settings: what `@name` means in a config."""

    def __init__(self, config: Config, name: str):
        self._config = config
        self._name = name
        self.__name__ = _known(name).short

    def __call__(self, *args, **kwargs) -> Any:
        """Calls the function: what is passed counts before the config. Raises SettingError."""
        return self._config.call(self._name, args, kwargs)

    def __repr__(self) -> str:
        return f"@{self.__name__}"


def read_config(path: str | Path, bindings: Sequence[str] = (), shared: Path | None = None) -> Config:
    """Reads a gin file, then bindings such as `Recipe.steps = 200`. Nothing is called yet.

    Args:
        path: of the file. What it includes lies beside it or below, or in `shared`.
        bindings: gin lines that come after it.
        shared: the folder of the configs that come along; None: the file may include nothing, as a run's own.

    Raises:
        InputError: the file can't be read, isn't gin or does more than to bind; an unknown function, parameter,
            reference or macro; a setting without end.
    """
    config = Config(Path(path))
    try:
        for binding in read_statements(config.path, Includes(config.path, shared)):
            _add(config, binding)
        for text in bindings:
            for binding in parse_binding(f"{path} with {text}", text):
                _add(config, binding)
        _check_ends(config)
    except SettingError as error:
        raise _named(error) from error
    return config


def build(what: Callable[[], T], path: str | Path) -> T:
    """Calls what a config, `path`, made. Raises InputError, with the config's name, where a setting is wrong."""
    try:
        return what()
    except SettingError as error:
        raise _named(f"{path}: {error}") from error


def _named(error: object) -> InputError:
    return InputError(f"{' '.join(str(error).split())}; configs/base.gin lists the parameters")


def _known(name: str) -> Registered:
    entry = find(name)
    if entry is None:
        close = difflib.get_close_matches(name, names(), 1)
        raise SettingError(f"no function {name!r} is known{f', but {close[0]} is' if close else ''}")
    return entry


def _add(config: Config, binding: Binding) -> None:
    try:
        for each in _leaves(binding.value):
            if isinstance(each, Reference):
                _known(each.name)
        if not binding.parameter:
            config.macros[binding.function] = binding.value
        elif find(binding.function) or not _is_traxs_default(binding):
            entry = _known(binding.function)
            _check_parameter(entry, binding.parameter)
            config.values.setdefault(entry.name, {})[binding.parameter] = binding.value
    except SettingError as error:
        raise SettingError(f"{binding.place}: {error}") from error


def _check_parameter(entry: Registered, parameter: str) -> None:
    if parameter not in entry.parameters:
        close = difflib.get_close_matches(parameter, entry.parameters, 1)
        raise SettingError(f"{entry.short} has no parameter {parameter!r}{f', but {close[0]!r}' if close else ''}")


def _is_traxs_default(binding: Binding) -> bool:
    # Runs from before 2026-11-26 wrote down the defaults of Trax's own functions, such as `LogSoftmax.axis = -1`.
    try:
        parameters = inspect.signature(gin.get_configurable(binding.function)).parameters
    except (ValueError, KeyError):  # unknown to gin, or several of that name
        return False
    default = parameters[binding.parameter].default if binding.parameter in parameters else inspect.Parameter.empty
    return type(default) is type(binding.value) and default == binding.value


def _check_ends(config: Config) -> None:
    # Each macro is defined, and each setting comes to an end.
    sizes: dict[Macro | Reference, int] = {}

    def size(value: Any, above: tuple[Macro | Reference, ...]) -> int:
        total = 0
        for each in _leaves(value):
            if isinstance(each, (Macro, Reference)):
                if each in above or len(above) > _DEEPEST:
                    raise SettingError(f"{each} is made of itself, or of too many others")
                if each not in sizes:
                    sizes[each] = size(_inner(config, each), (*above, each))
            total += sizes.get(each, 1) if isinstance(each, (Macro, Reference)) else 1
        return total

    for name, parameters in config.values.items():
        for parameter, value in parameters.items():
            setting = f"{config.path}: {_known(name).short}.{parameter}"
            try:
                total = size(value, (Reference(_known(name).short, True),))
            except SettingError as error:
                raise SettingError(f"{setting}: {error}") from error
            if total > _MOST_VALUES:
                raise SettingError(f"{setting}: comes to more than {_MOST_VALUES:,} values")


def _inner(config: Config, each: Macro | Reference) -> Any:
    if isinstance(each, Macro):
        if each.name in _REQUIRED:
            raise SettingError("needs a value")
        if each.name not in config.macros:
            raise SettingError(f"{each} is not defined; add a line {each.name} = ...")
        return config.macros[each.name]
    return list(config.values.get(_known(each.name).name, {}).values()) if each.called else None


def _leaves(value: Any, depth: int = 0) -> Iterable[Any]:
    # What lists, tuples and dicts hold in the end.
    if depth > _DEEPEST:
        raise SettingError(f"more than {_DEEPEST} brackets within each other")
    if isinstance(value, dict):
        if any(isinstance(key, (Macro, Reference)) for key in value):
            raise SettingError("a key must be a text or a number")
        value = [*value.keys(), *value.values()]
    if not isinstance(value, (list, tuple)):
        yield value
        return
    for each in value:
        yield from _leaves(each, depth + 1)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    # The same lists, tuples and dicts, anew, of changed values.
    if isinstance(value, dict):
        return {key: _mapped(each, change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(each, change) for each in value)
    return change(value)


def _is_literal(value: Any) -> bool:
    def is_plain(each: Any) -> bool:
        return (
            each is None or type(each) in (bool, int, str, Reference) or (type(each) is float and math.isfinite(each))
        )

    return all(map(is_plain, _leaves(value)))


def _line(key: str, value: Any) -> str:
    text = pprint.pformat(value, width=76)
    if "\n" not in text and len(key) + len(text) <= 80:
        return f"{key} = {text}"
    return f"{key} = \\\n" + "\n".join(f"    {line}" for line in text.split("\n"))
