"""What a gin file states, in order: bindings and macros, those of included files in their places.

Gin's own parser splits a file into statements and calls nothing. Imports, dynamic registration and scopes are refused,
and so is an include that leads out of the folder.
"""

import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gin import config_parser

from sentiment.config.registry import SettingError

_MOST_BYTES = 1 << 20  # of a file; the longest of ours has 4 kB
_MOST_FILES = 64  # included, counted each time


@dataclass(frozen=True)
class Reference:
    """`@name`, a function, or `@name()`, what a call of it gives."""

    name: str
    called: bool

    def __repr__(self) -> str:
        return f"@{self.name}{'()' if self.called else ''}"


@dataclass(frozen=True)
class Macro:
    """`%name`, what the line `name = ...` gives."""

    name: str

    def __repr__(self) -> str:
        return f"%{self.name}"


@dataclass(frozen=True)
class Binding:
    """`function.parameter = value`, or with an empty `parameter` the macro `function = value`."""

    function: str
    parameter: str
    value: Any
    place: str  # where it stands, for messages


class _Delegate(config_parser.ParserDelegate):
    def configurable_reference(self, scoped_configurable_name: str, evaluate: bool) -> Reference:
        return Reference(scoped_configurable_name, evaluate)

    def macro(self, macro_name: str) -> Macro:
        return Macro(macro_name)


class Includes:
    """Finds included files: beside the config, then in a folder that all configs share.

    Args:
        path: the config; what it includes lies in its folder or below.
        shared: the other folder; None: the config may include nothing, as that of a run.
    """

    def __init__(self, path: Path, shared: Path | None):
        self._folder = path.parent
        self._shared = shared
        self._left = _MOST_FILES

    def find(self, named: str, beside: Path) -> Path:
        """Returns the file that `beside` includes as `named`. Raises SettingError where it may not."""
        if self._shared is None:
            raise SettingError(f"include {named!r}: a run's own config includes nothing; take out the line")
        relative = Path(named)
        if relative.is_absolute() or ".." in relative.parts or "\\" in named or "\0" in named:
            raise SettingError(
                f"include {named!r}: only a file beside this one, or of {self._shared}, by its name; "
                "copy the file there"
            )
        self._left -= 1
        if self._left < 0:
            raise SettingError(f"include {named!r}: more than {_MOST_FILES} files are included; merge some")
        own, shared = beside.parent / relative, self._shared / relative
        found = own if own.exists() or not shared.exists() else shared
        if not any(found.resolve().is_relative_to(folder.resolve()) for folder in (self._folder, self._shared)):
            raise SettingError(f"include {named!r}: a link that leads out of {self._folder}; copy the file there")
        return found


def read_statements(path: Path, includes: Includes, above: tuple[Path, ...] = ()) -> Iterator[Binding]:
    """Yields what a gin file binds, included files in their places.

    Raises SettingError, with the file and the line: it can't be read, isn't gin, or does more than to bind.
    """
    if path.resolve() in above:
        raise SettingError(f"{path}: includes itself; take out one of the lines `include`")
    for statement in parse(str(path), _text(path)):
        if isinstance(statement, config_parser.IncludeStatement):
            place = _place(str(path), statement)
            try:
                included = includes.find(statement.filename, path)
            except SettingError as error:
                raise SettingError(f"{place}: {error}") from error
            yield from read_statements(included, includes, (*above, path.resolve()))
        else:
            yield statement


def parse_binding(source: str, text: str) -> Iterator[Binding]:
    """Yields what a line of the command line binds. Raises SettingError, with `source`, where it does anything else."""
    for statement in parse(source, text):
        if isinstance(statement, config_parser.IncludeStatement):
            raise SettingError(f"{source}: only a file includes; give --config that file")
        yield statement


def parse(source: str, text: str) -> Iterator[Binding | config_parser.IncludeStatement]:
    """Yields a text's bindings and includes; `source` names it in messages. Raises SettingError."""
    try:
        for statement in config_parser.ConfigParser(text, _Delegate()):
            place = _place(source, statement)
            if isinstance(statement, config_parser.ImportStatement):
                raise SettingError(
                    f"{place}: {statement.format()}: a config is data and imports nothing; take out the line"
                )
            if isinstance(statement, config_parser.IncludeStatement):
                yield statement
            if isinstance(statement, config_parser.BindingStatement):
                if statement.scope:
                    raise SettingError(f"{place}: scopes ({statement.scope}/) mean nothing here; take it out")
                yield Binding(statement.selector, statement.arg_name, statement.value, place)
    except SettingError:
        raise
    except SyntaxError as error:
        reason = error.msg.splitlines()[-1].strip()  # before it stands what Python's parser says, with an address
        raise SettingError(f"{source}: line {error.lineno}: {reason}") from error
    except tokenize.TokenError as error:
        message, (line, _) = error.args
        raise SettingError(f"{source}: line {line}: {message}") from error
    except (ValueError, TypeError, RecursionError, MemoryError) as error:  # names, keys of dicts, endless brackets
        raise SettingError(f"{source}: not gin ({' '.join(str(error).split())[:100]})") from error


def _place(source: str, statement) -> str:
    return f"{source}: line {statement.location.line_num}"


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise SettingError(f"{path}: not a file; give a gin file, as in configs/")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise SettingError(f"{path}: larger than {_MOST_BYTES:,} bytes, so no config; give a gin file")
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: not a config that can be read ({error}); see configs/") from error
