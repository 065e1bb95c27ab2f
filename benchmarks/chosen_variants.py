"""Which variants a table is made of, in an order in which they can be trained."""

from pathlib import Path

from sentiment.variants import Variant, read_variants

FIRST = "language_model"  # another variant begins with its weights, of the same corpus

_CONFIGS = Path(__file__).resolve().parent.parent / "configs"


def chosen_variants(names: list[str]) -> list[Variant]:
    """Returns the variants of these names, all if there is none, and before them what one of them begins with."""
    variants = sorted(read_variants(_CONFIGS), key=lambda variant: variant.name != FIRST)
    chosen = [variant for variant in variants if not names or variant.name in names]
    if FIRST not in names and any("Recipe.pretrained" in each.path.read_text("utf-8") for each in chosen):
        return [variants[0], *(variant for variant in chosen if variant.name != FIRST)]
    return chosen
