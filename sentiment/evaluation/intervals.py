"""95% intervals: of shares by Wilson's score, of resampled metrics and differences by their percentiles."""

import numpy as np

LOWER, UPPER = 0.025, 0.975


def interval(values: np.ndarray) -> tuple[float, float]:
    """Returns the percentile interval (Efron, 1979) of resampled values; draws where it is undefined don't count."""
    low, high = np.nanquantile(values, (LOWER, UPPER)) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)


def share_interval(hits: int, n_examples: int) -> tuple[float, float]:
    """Returns the score interval of a share (Wilson, 1927, "Probable inference, the law of succession").

    A bootstrap of 3 right answers of 3 draws nothing but 3 of 3: its interval would be 1 to 1. Wilson's is 0.44 to 1.
    """
    from scipy.stats import binomtest

    low, high = binomtest(hits, n_examples).proportion_ci(UPPER - LOWER, method="wilson")
    return float(low), float(high)


def varying(values: np.ndarray) -> tuple[float, float] | None:
    """Returns the `interval` of resampled values; None where all are equal, for then they tell of no spread."""
    low, high = interval(values)
    return (low, high) if low < high else None
