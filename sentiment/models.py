"""The model variants: one factory each, a `tl.Serial` from token ids to log-probabilities.

A factory takes what the corpus decides (vocabulary size, number of classes), Trax's mode, and what a config may set.
Inputs are <int32>[batch, length], padded with `Vocabulary.PAD`; outputs are <float32>[batch, n_classes].
"""

from sentiment.config import configurable
from sentiment.layers import MaskedMean, TokenMask
from sentiment.trax_runtime import tl


@configurable
def mean_classifier(
    vocabulary_size: int, n_classes: int, mode: str = "train", d_embedding: int = 256, masked: bool = True
):
    """Returns the average of the tokens' embeddings, then one dense layer (seeds/003, exercise 05).

    Args:
        vocabulary_size: number of ids.
        n_classes: number of log-probabilities.
        mode: no part of this model depends on it.
        d_embedding: size of a token's vector.
        masked: averages over tokens only. False is the notebook's mean, which counts padding as tokens.
    """
    del mode
    embedding = tl.Embedding(vocabulary_size, d_embedding)
    pooling = [tl.Branch(embedding, TokenMask()), MaskedMean()] if masked else [embedding, tl.Mean(axis=1)]
    return tl.Serial(*pooling, tl.Dense(n_classes), tl.LogSoftmax())
