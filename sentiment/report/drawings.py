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
    """Returns the accuracy of the model and of the simpler ways, with intervals."""
    dots = [
        (name, each["accuracy"]["value"], *each["accuracy"]["interval"])
        for name, each in facts.value("/figures/systems").items()
    ]
    return interval_chart("Accuracy of each system with its 95% interval, as in the table below", "accuracy", dots)


def reliability(facts: Facts) -> Markup:
    """Returns the share of right answers against the probability of the predicted label."""
    bins = facts.value("/figures/reliability")
    return reliability_chart(
        "Share of right answers against the probability of the predicted label: on the dashed diagonal they agree",
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
    right = {"validation accuracy": known["validation accuracy"]}
    low = min(int(min(value for _, value in right["validation accuracy"]) * 10) / 10, 0.9)
    up = Axis("accuracy", low, 1.0, round_ticks(low, 1.0))
    return [loss, line_chart("Validation accuracy by step", across, up, right, marked=True)]
