"""What a run's model makes of texts, as the score goes by it that tells texts with nothing to judge (`OutOfDomain`)."""

from collections.abc import Callable

import numpy as np

from sentiment.encoding.encoder import Encoder
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.prediction.out_of_domain import WordEvidence, facts_of


class TextFacts:
    """Finds the facts of texts; any number of threads may call it.

    Args:
        session: the run's model.
        calibrated: log-probabilities -> probabilities.
        encoder: of the run: ids of other than its vocabulary are no words, whose evidence would be a fact.
    """

    def __init__(self, session: OnnxSession, calibrated: Callable[[np.ndarray], np.ndarray], encoder: Encoder):
        self._session, self._calibrated = session, calibrated
        of_words = isinstance(encoder, Vocabulary)
        self._evidence = WordEvidence(session.log_probabilities, len(encoder)) if of_words else None

    def __call__(self, texts: Ragged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns probabilities <float64>[n, n_classes], facts <float64>[n, n_facts] and vectors <float32>[n, d]."""
        answers, vectors = self._session.with_vectors(texts)
        probabilities = self._calibrated(answers)
        return probabilities, facts_of(texts, probabilities, self._evidence), vectors
