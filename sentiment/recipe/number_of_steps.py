"""How many steps a training takes, where a config leaves that to its corpus."""

import math
import re

from sentiment.config import SettingError

_NUMBER = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)"
_EPOCHS = re.compile(rf"{_NUMBER}(?: to {_NUMBER})? epochs?")
_ENOUGH = 15_000  # examples: where that many are drawn, the fewer of two numbers of epochs will do


def check_steps(steps: str) -> None:
    """Raises SettingError: it isn't "auto", nor like "4 epochs" or "3 to 5 epochs"."""
    if steps != "auto" and not _EPOCHS.fullmatch(steps):
        raise SettingError(f"Recipe.steps = {steps!r}: must be a number, 'auto', or like '4 epochs'")


def number_of_steps(steps: str, n_texts: int, n_classes: int, batch_size: int) -> int:
    """Returns the steps, 1 or more, for so many training texts in so many classes.

    Where it is "auto", training takes 360 times the square root of texts times classes as its number of examples:
    many passes over few texts, few passes over many, since each further pass teaches less and overfits more (four
    passes over 16,000 texts of two classes). It takes 25,600 or more, without which weights get nowhere, and each
    text at least once. Found with the default model: on validation tweets of crowdflower, trained on 1,000, 3,000,
    10,000 and 30,528, and on other sources' texts, trained on the 3,432 of vader. "4 epochs" are as many passes;
    "3 to 5 epochs" three, and of fewer texts as many more as make 15,000 examples, five at most.
    """
    if epochs := _EPOCHS.fullmatch(steps):
        least, most = float(epochs[1]), float(epochs[2] or epochs[1])
        examples = math.ceil(max(least * n_texts, min(_ENOUGH, most * n_texts)))
    else:
        examples = max(25_600, 360 * math.isqrt(n_texts * n_classes), n_texts)
    return max(1, -(-examples // batch_size))
