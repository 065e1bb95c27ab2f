"""The settings of a config that decide a text's tokens and ids: equal ones give equal shards."""

from sentiment.config import Config
from sentiment.config.statements import Reference
from sentiment.corpora.prepared_folder import PreparedCorpus
from sentiment.errors import InputError
from sentiment.recipe.recipe import Recipe
from sentiment.text.reading import reading_of

_READING = "reading"  # among them, though it is no setting: the program's own rules and idioms


def encoding_settings(config: Config, recipe: Recipe) -> dict[str, str]:
    """Returns the settings by their names in a config, such as "Vocabulary.min_count", each as gin writes it.

    "reading" is among them, which is the same as long as the program reads texts alike (`text.reading`).
    """
    found = {f"Preprocessor.{name}": repr(value) for name, value in recipe.preprocessor.to_dict().items()}
    found[_READING] = reading_of(recipe.preprocessor)
    found["Recipe.stripped_copies"] = repr(recipe.stripped_copies)
    found["Recipe.pretrained"] = repr(recipe.pretrained)
    for parameter in ("vocabulary", "features"):
        chosen = config.settings("Recipe")[parameter]
        found[f"Recipe.{parameter}"] = repr(chosen)
        if isinstance(chosen, Reference):
            settings = config.settings(chosen.name)
            found |= {f"{chosen.name}.{name}": repr(value) for name, value in sorted(settings.items())}
    return found


def check_settings(config: Config, recipe: Recipe, corpus: PreparedCorpus) -> None:
    """Raises InputError where a config, or this program, makes other tokens or ids than those of a prepared corpus."""
    wanted, there = encoding_settings(config, recipe), corpus.facts["settings"]
    for name in sorted((wanted.keys() | there.keys()) - {_READING}):
        if wanted.get(name) != there.get(name):
            raise InputError(
                f"{corpus.folder.path}: prepared with {name} = {there.get(name)}, and {config.path} has "
                f"{wanted.get(name)}: set it alike with --set, or prepare another folder with this config"
            )
    if _READING in there and there[_READING] != wanted[_READING]:  # those of before 2026-11-28 don't say
        raise InputError(
            f"{corpus.folder.path}: prepared by another version of this program, which read some texts otherwise: "
            "prepare another folder"
        )
