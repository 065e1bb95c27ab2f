"""How good a model is: every example of a split, exactly once; with intervals, and beside simpler ways.

scikit-learn is imported where a metric needs it: this package itself costs numpy and nothing else.
"""

from sentiment.evaluation.result import Evaluation
from sentiment.evaluation.scoring import evaluate

__all__ = ["Evaluation", "evaluate"]
