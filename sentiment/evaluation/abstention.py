"""How often a run finds nothing to judge: in the texts asked about, and in texts of our own that hold no opinion."""

from collections.abc import Sequence

from sentiment.corpora.constructions import constructions
from sentiment.prediction.out_of_domain import LIMIT
from sentiment.prediction.predictor import Predictor


def abstention(predictor: Predictor, texts: Sequence[str]) -> dict[str, float | int] | None:
    """Returns the shares of texts that a run finds nothing to judge in; None where it doesn't look for that.

    Args:
        predictor: of the run.
        texts: those it is evaluated on.

    Returns:
        "asked", of `texts`; "n_nothing" and "nothing", how many held-out texts of our own in other languages there are,
        and facts where no label is neutral, and of them the share.
    """
    scores = predictor.outcomes(texts).out_of_domain
    if scores is None or not len(scores):
        return None
    kinds = ("foreign",) if len(predictor.label_names) > 2 else ("foreign", "fact")
    without = [each.text for each in constructions("held_out") if each.kind in kinds]
    abstained = predictor.outcomes(without).abstained
    return {"asked": float((scores > LIMIT).mean()), "n_nothing": len(without), "nothing": float(abstained.mean())}
