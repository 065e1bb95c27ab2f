"""What the metrics are called, and their values in words."""

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
