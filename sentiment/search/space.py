"""What a search tries: settings of a config, each with its choices or its range."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.config.statements import parse_binding
from sentiment.errors import InputError
from sentiment.recipe.recipe import read_recipe

if TYPE_CHECKING:
    import optuna

_REMEDY = "give choices in brackets, [32, 64], or the ends of a range in parentheses, (1e-4, 1e-2)"
_OF_THE_CORPUS = ("load_corpus", "CorpusOptions")


@dataclass(frozen=True)
class Setting:
    """A setting that is searched.

    Attributes:
        name: as in a config, "Recipe.batch_size".
        choices: gin's text of each; () for a range.
        low, high: the ends of the range, both included; of two integers it holds integers. One that spans a factor of
            10 or more is searched by its logarithm.
    """

    name: str
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0

    @property
    def by_logarithm(self) -> bool:
        """Whether each factor is as likely as another, rather than each difference."""
        return self.low > 0 and self.high / self.low >= 10

    def draw(self, trial: "optuna.trial.Trial") -> None:
        """Lets a trial draw its value."""
        if self.choices:
            trial.suggest_categorical(self.name, self.choices)
        elif isinstance(self.low, int) and isinstance(self.high, int):
            trial.suggest_int(self.name, self.low, self.high, log=self.by_logarithm)
        else:
            trial.suggest_float(self.name, self.low, self.high, log=self.by_logarithm)

    def line(self, drawn: Any) -> str:
        """Returns the gin line of a value that was drawn."""
        return f"{self.name} = {drawn if self.choices else repr(drawn)}"  # choices are gin's text already

    def some(self) -> Sequence[str]:
        """Returns every choice, or the ends of the range."""
        return self.choices or (repr(self.low), repr(self.high))


def read_space(over: Sequence[str], config: Path, bindings: Sequence[str]) -> list[Setting]:
    """Reads lines such as `Recipe.batch_size = [32, 64]`, as data, and checks each against the config.

    Raises:
        InputError: a line is no setting with choices or a range; the config has no such setting, or a value is wrong.
    """
    if not over:
        raise InputError("nothing to search: give --over 'Recipe.batch_size = [32, 64]', once for each setting")
    settings = [_setting(line) for line in over]
    names = [setting.name for setting in settings]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise InputError(f"--over {doubled[0]}: given twice: join the two")
    for setting in settings:
        for value in setting.some():
            read_recipe(config, [*bindings, f"{setting.name} = {value}"])
    return settings


def _setting(line: str) -> Setting:
    found = list(parse_binding(f"--over '{line}'", line))
    if len(found) != 1 or not found[0].parameter:
        raise InputError(f"--over '{line}': names no setting: write one, as 'Recipe.batch_size = [32, 64]'")
    name, value = f"{found[0].function}.{found[0].parameter}", found[0].value
    if found[0].function.rpartition(".")[2] in _OF_THE_CORPUS:
        raise InputError(f"--over '{line}': other data, so that scores could not be compared: set it with --set")
    if isinstance(value, list) and value:
        choices = tuple(dict.fromkeys(map(repr, value)))
        return Setting(name, choices)
    if isinstance(value, tuple) and len(value) == 2 and all(map(_is_number, value)):
        low, high = value if all(isinstance(end, int) for end in value) else map(float, value)
        if low < high:
            return Setting(name, low=low, high=high)
    raise InputError(f"--over '{line}': {_REMEDY}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
