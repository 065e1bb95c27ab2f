"""Programs that train the same classifier on the same tokens, behind one interface: `train()` and `accuracy()`.

A peer is made from `Tweets` and its settings; `train()` trains on for a while and returns how many examples that took
in; `accuracy()` is that of the validation split. `run.py` times one peer in a process of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """A line of the table: which class of which module, with which settings."""

    module: str
    settings: Mapping = field(default_factory=dict)


_OURS = "benchmarks.peers.ours"
_FASTTEXT = "benchmarks.peers.fasttext_library"

LINES = {
    "the notebook's own code, Trax's Loop": Line("benchmarks.peers.trax_loop", {"own_batches": True}),
    "Trax's Loop, batches ready": Line("benchmarks.peers.trax_loop"),
    "Keras 3 on JAX": Line("benchmarks.peers.keras_on_jax"),
    "scikit-learn, TF-IDF, SGDClassifier": Line("benchmarks.peers.scikit_learn"),
    "fastText, 1 thread": Line(_FASTTEXT, {"threads": 1}),
    "fastText, 2 threads": Line(_FASTTEXT, {"threads": 2}),
    "ours, exact, Adam": Line(_OURS, {"optimizer": "Adam", "rate": 0.01, "lazy": False, "steps": 250}),
    "ours, lazy, Adam": Line(_OURS, {"optimizer": "Adam", "rate": 0.01}),
    "ours, lazy, RowAdagrad": Line(_OURS, {"optimizer": "RowAdagrad", "rate": 0.02}),
    "ours, lazy, RowAdagrad, batches of 256": Line(
        _OURS, {"optimizer": "RowAdagrad", "rate": 0.05, "batch_size": 256, "steps": 1500}
    ),
}
