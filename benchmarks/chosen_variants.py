"""Which variants a table is made of, in an order in which they can be trained."""

from pathlib import Path

from sentiment.recipe.variants import Variant, read_variants

FIRST = "language_model"  # another variant begins with its weights, of the same corpus
TAUGHT = "taught"

_CONFIGS = Path(__file__).resolve().parent.parent / "configs"


def chosen_variants(names: list[str]) -> list[Variant]:
    """Returns the variants of these names, all if there is none, and before them what one of them begins with.

    Without `TAUGHT`, which is as good as its teacher lets it be: trained alone it is the default.
    """
    trained = [variant for variant in read_variants(_CONFIGS) if variant.name != TAUGHT]
    variants = sorted(trained, key=lambda variant: variant.name != FIRST)
    chosen = [variant for variant in variants if not names or variant.name in names]
    needs_first = any("Recipe.pretrained" in variant.path.read_text("utf-8") for variant in chosen)
    return [variant for variant in variants if variant in chosen or (needs_first and variant.name == FIRST)]
