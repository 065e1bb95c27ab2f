"""The flags that say what a user's own files mean: the same for every command that reads them."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Option

from sentiment.errors import InputError

if TYPE_CHECKING:
    from sentiment.corpora import CorpusOptions

_FLAGS: dict[str, Any] = {
    "text": Annotated[str | None, Option(help="The file's column of texts, by name or number; or several: a,b.")],
    "label": Annotated[
        str | None, Option(help="The file's column of labels, by name or number; or several of 0 and 1: a,b.")
    ],
    "split_column": Annotated[str | None, Option(help="The file's column of splits: train, dev, test.")],
    "validation": Annotated[str | None, Option(help="A file of validation texts.")],
    "test": Annotated[str | None, Option(help="A file of test texts.")],
    "shares": Annotated[str | None, Option(help="Percent that train, validate and test: 80/10/10; 90/10: no test.")],
    "bad_rows": Annotated[
        Literal["report", "stop", "skip"] | None,
        Option(help="Rows that can't be used: leave out and list if under 1%; stop at any; or leave out all."),
    ],
    "map": Annotated[
        list[str] | None, Option("--map", help="FILE_LABEL=LABEL; nothing after = leaves its rows out.")
    ],
    "min_per_class": Annotated[int | None, Option(help="How many rows a class must have.")],
    "rare": Annotated[
        Literal["drop", "merge"] | None, Option(help="Leave classes with fewer rows out, or merge them into one.")
    ],
    "encoding": Annotated[str | None, Option(help="Such as latin-1; else it is found out.")],
    "delimiter": Annotated[str | None, Option(help="What stands between cells, such as ; or tab.")],
    "quoting": Annotated[str | None, Option(help="double, single, backslash or none: quotes are text.")],
    "header": Annotated[str | None, Option(help="Whether the first row names the columns: first or none.")],
    "sheet": Annotated[str | None, Option(help="Of an Excel file.")],
    "path": Annotated[str | None, Option(help="Where in a JSON file the records are: data.items.")],
    "labels_between": Annotated[
        str | None, Option(help="What stands between a text's labels, such as , or space; none: a cell is one label.")
    ],
}  # fmt: skip
READING = ("text", "label", "encoding", "delimiter", "quoting", "header", "sheet", "path")
ALL = tuple(_FLAGS)


class FileFlags:
    """What a command line says of the user's files; what it doesn't say is None.

    Attributes:
        given: flag's name ("bad_rows") -> value.
    """

    def __init__(self, given: Mapping[str, Any]):
        self.given = {name: value for name, value in given.items() if value}

    @property
    def text(self) -> str | None:
        """The column of texts, or several with commas."""
        return self.given.get("text")

    @property
    def label(self) -> str | None:
        """The column of labels."""
        return self.given.get("label")

    @property
    def label_map(self) -> dict[str, str]:
        """Label in the file -> label. Raises InputError for a pair without =."""
        return dict(map(_pair, self.given.get("map", ())))

    def options(self) -> "CorpusOptions":
        """Returns all but the columns. Raises InputError as `CorpusOptions`."""
        from sentiment.corpora import CorpusOptions  # here: a command that predicts a sentence needs no reader

        return CorpusOptions(**self._options())

    def bindings(self) -> list[str]:
        """Returns gin bindings that say the same. Raises InputError as `options`."""
        self.options()
        options = self._options()
        lines = [
            f"load_corpus.{parameter} = {value!r}"
            for parameter, value in (("text_column", self.text), ("label_column", self.label))
            if value
        ]
        if options:
            lines.append("load_corpus.options = @CorpusOptions()")
        return [*lines, *(f"CorpusOptions.{name} = {value!r}" for name, value in options.items())]

    def _options(self) -> dict[str, Any]:
        options = {name: value for name, value in self.given.items() if name not in ("text", "label", "map")}
        return options | ({"label_map": self.label_map} if "map" in self.given else {})


def bindings_of(settings: Mapping[str, object], files: FileFlags, more: Sequence[str] | None) -> list[str]:
    """Returns gin bindings of a command's flags, those that were given: of settings, of files, and those of --set."""
    given = [f"{name} = {value!r}" for name, value in settings.items() if value is not None]
    return [*given, *files.bindings(), *(more or [])]


def with_file_flags(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command flags of files, by default all; it takes them as one argument, `files: FileFlags`."""

    def decorated(main: Callable[..., None]) -> Callable[..., None]:
        chosen = names or ALL
        own = [each for each in inspect.signature(main, eval_str=True).parameters.values() if each.name != "files"]
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_FLAGS[name])
            for name in chosen
        ]
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + added

        @functools.wraps(main)
        def command(**given: Any) -> None:
            flags = FileFlags({name: given.pop(name) for name in chosen})
            main(**given, files=flags)

        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what typer reads
        command.__annotations__ = {each.name: each.annotation for each in parameters}
        return command

    return decorated


def _pair(given: str) -> tuple[str, str]:
    name, equals, meant = given.partition("=")
    if not equals:
        raise InputError(f"--map {given}: write FILE_LABEL=LABEL")
    return name.strip(), meant.strip()
