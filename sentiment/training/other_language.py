"""Texts of a language that a config's vectors and lexicon don't know: said, and trained with the config for any."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from sentiment.config import Config, read_config
from sentiment.corpora import Corpus
from sentiment.corpora.mapped_texts import taken
from sentiment.models.embedding_classifier import EmbeddingClassifier
from sentiment.models.word_features import WordFeatures
from sentiment.recipe.recipe import Recipe
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.text.preprocessor import Preprocessor
from sentiment.vectors import load_vectors

# Of English tweets the sources below know 85 to 95% of the words, of interfaces' messages in English 87%, in Spanish or
# French, of which they know most, 49%, in Danish 38%, in Indonesian 27%, in Arabic or Chinese 10 to 20%.
MOSTLY_KNOWN = 0.6
# Of the vectors only the most frequent words count: GloVe's 400,000 hold those of many languages.
_N_FREQUENT = 20_000
_N_TEXTS = 2_000  # that are looked at


def known_share(recipe: Recipe, texts: Sequence[str]) -> float | None:
    """Returns which share of the texts' words the recipe's lexicon and vectors know, 0 to 1.

    A word has a letter; "<user>", idioms and the like are none. Of many texts some are looked at, evenly spread.

    Returns:
        The share; None where the recipe has neither vectors nor a lexicon, or the texts have no word.

    Raises:
        InputError: vectors that can't be had.
    """
    sources = _sources(recipe)
    words = list(_words(recipe.preprocessor, texts[:: -(-len(texts) // _N_TEXTS) or 1])) if sources else []
    if not words:
        return None
    stores = [load_vectors(name).store for name in sources]
    known = set(itertools.chain.from_iterable(itertools.islice(store.words(), _N_FREQUENT) for store in stores))
    return sum(word in known for word in words) / len(words)


def chosen_for(
    settings: Config, recipe: Recipe, corpus: Corpus, bindings: Sequence[str]
) -> tuple[Config, Recipe, list[str]]:
    """Returns the settings and the recipe to train with: others, where the texts' words are mostly unknown.

    They are those of the config that `Recipe.other_language` names, with the same bindings and the same corpus; the run
    then repeats with them, whatever vectors there are. A recipe that goes on from another run keeps its own.

    Args:
        settings: of the config that the user named.
        recipe: what it makes, not `sized` yet.
        corpus: what is trained on.
        bindings: gin lines that override the config.

    Returns:
        Both, and what to say of it: a line, or none where most words are known.

    Raises:
        InputError: as `read_config` does; vectors that can't be had.
    """
    share = None if recipe.pretrained else known_share(recipe, taken(corpus.texts, corpus.splits["train"]))
    if share is None or share >= MOSTLY_KNOWN:
        return settings, recipe, []
    unknown = f"{1 - share:.0%} of the training texts' words are known neither to the vectors nor to a lexicon"
    if recipe.other_language is None:
        remedy = "--config anylanguage, which goes by characters, may serve better"
        return settings, recipe, [f"{unknown}; {remedy}"]
    path = find_config(recipe.other_language)
    others = read_config(path, bindings, configs_folder())
    others.take(settings, "load_corpus", "CorpusOptions")
    chosen: Recipe = others.make("Recipe")
    off = f"--set 'Recipe.other_language = None' keeps {recipe.name}"
    return others, chosen, [f"{unknown}: {Path(path).name} is taken, which goes by characters; {off}"]


def _sources(recipe: Recipe) -> list[str]:
    architecture = recipe.model()
    if isinstance(architecture, WordFeatures):
        return [architecture.vectors, *([architecture.lexicon] if architecture.lexicon else [])]
    if isinstance(architecture, EmbeddingClassifier) and architecture.vectors:
        return [architecture.vectors]
    return []


def _words(preprocessor: Preprocessor, texts: Sequence[str]) -> Iterator[str]:
    for token in itertools.chain.from_iterable(map(preprocessor, texts)):
        if " " not in token and token[0] != "<" and any(map(str.isalpha, token)):
            yield token
