"""What the metrics are called, and their values in words."""

from collections.abc import Sequence

MODEL = "this model"
WORDS = {
    "accuracy": "accuracy",
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "macro_recall": "macro-recall",
    "subset_accuracy": "exactly right",
    "hamming_loss": "Hamming loss",
    "roc_auc": "ROC-AUC",
    "pr_auc": "PR-AUC",
    "log_loss": "log-loss",
    "brier": "Brier",
    "ece": "ECE",
}


def in_words(metric: dict) -> str:
    """Returns a metric with its interval, if it has one: "0.8863 (0.8513 to 0.9184)"."""
    if metric["value"] is None:
        return "undefined"
    spread = " ({:.4f} to {:.4f})".format(*metric["interval"]) if "interval" in metric else ""
    return f"{metric['value']:.4f}{spread}"


def difference_in_words(value: float, interval: Sequence[float]) -> str:
    """Returns a difference of two metrics with its interval: "+0.0123 (-0.0010 to +0.0256)"."""
    return "{:+.4f} ({:+.4f} to {:+.4f})".format(value, *interval)
