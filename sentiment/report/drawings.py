"""The page's charts, drawn from Facts."""

from markupsafe import Markup

from sentiment.evaluation.slices import THRESHOLDS
from sentiment.report.charts import SHARE_TICKS, Axis, interval_chart, line_chart, reliability_chart, round_ticks
from sentiment.report.facts import Facts

MOST_CURVES = 6  # labels whose precision and recall are drawn
_CURVES = (
    ("train loss", "train", "metrics/CrossEntropyLoss"),
    ("validation loss", "eval", "metrics/CrossEntropyLoss"),
    ("validation accuracy", "eval", "metrics/Accuracy"),
)


def systems(facts: Facts) -> Markup:
    """Returns the accuracy of the model and of the simpler ways, with intervals; of several labels a text macro-F1."""
    metric, word = ("macro_f1", "macro-F1") if facts.several else ("accuracy", "accuracy")
    found = {name: each[metric] for name, each in facts.value("/figures/systems").items()}
    dots = [(name, each["value"], *each.get("interval", [each["value"]] * 2)) for name, each in found.items()]
    described = f"{word[0].upper()}{word[1:]} of each system with its 95% interval, as in the table below"
    return interval_chart(described, word, dots)


def reliability(facts: Facts) -> Markup:
    """Returns the share of right answers against the probability of the predicted label."""
    bins = facts.value("/figures/reliability")
    if facts.several:
        described = "Share of texts with a label against its probability: on the dashed diagonal they agree"
        axes = "probability of a label", "share that has it"
    else:
        described = (
            "Share of right answers against the probability of the predicted label: on the dashed diagonal they agree"
        )
        axes = "probability of the predicted label", "share that is right"
    return reliability_chart(
        described,
        axes,
        *(bins[key] for key in ("n_texts", "confidence", "accuracy")),
    )


def thresholds(facts: Facts) -> dict[str, Markup]:
    """Returns precision and recall of each label, of at most MOST_CURVES, as its threshold rises."""
    across = Axis("threshold on the label's probability", 0.0, 1.0, SHARE_TICKS)
    up = Axis("share", 0.0, 1.0, SHARE_TICKS)
    drawn = {}
    for name in facts.value("/figures/label_names")[:MOST_CURVES]:
        curves = facts.value("/figures/by_threshold")[name]
        series = {
            key: [(at, value) for at, value in zip(THRESHOLDS, curves[key], strict=True) if value is not None]
            for key in ("precision", "recall")
        }
        drawn[name] = line_chart(f"Precision and recall of {name} against the threshold", across, up, series)
    return drawn


def training(facts: Facts) -> list[Markup]:
    """Returns the losses and the validation accuracy by step; nothing where the run has no history."""
    known = {name: facts.history.get(mode, {}).get(key, []) for name, mode, key in _CURVES}
    losses = {name: known[name] for name in ("train loss", "validation loss") if known[name]}
    if not losses or not known["validation accuracy"]:
        return []
    steps = [step for points in losses.values() for step, _ in points]
    across = Axis("step", 0, max(steps), round_ticks(0, max(steps)))
    top = max(value for points in losses.values() for _, value in points)
    loss = line_chart("Losses by step", across, Axis("cross-entropy", 0, top, round_ticks(0, top)), losses, marked=True)
    word = "accuracy of single decisions" if facts.several else "accuracy"
    right = {f"validation {word}": known["validation accuracy"]}
    low = min(int(min(value for _, value in known["validation accuracy"]) * 10) / 10, 0.9)
    up = Axis(word, low, 1.0, round_ticks(low, 1.0))
    return [loss, line_chart(f"Validation {word} by step", across, up, right, marked=True)]
