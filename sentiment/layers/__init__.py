"""Layers that Trax lacks. They follow its conventions: pure functions of their inputs, composable in `tl.Serial`.

A sequence travels with its mask, <bool>[batch, length], True where a token stands, just below it on Trax's stack
(masking.py).
"""

from sentiment.layers.answers import EachClass, answers
from sentiment.layers.bag_scores import BagScores
from sentiment.layers.committee import Committee
from sentiment.layers.convolution import Convolutions
from sentiment.layers.embedding import Embedding, check_ids
from sentiment.layers.embedding_bag import EmbeddingBag
from sentiment.layers.ensemble import Ensemble
from sentiment.layers.layer_norm import LayerNorm
from sentiment.layers.masking import masked_serial
from sentiment.layers.narrow_dense import NarrowDense
from sentiment.layers.ngram_scores import NgramScores
from sentiment.layers.opposites import Opposites
from sentiment.layers.pooling import AttentionPooling, MaskedMax, MaskedMean, NotedMeans, NoteMean, TokenMask, UnitRms
from sentiment.layers.positions import LearnedPositions
from sentiment.layers.recurrent import GRU, LSTM, Bidirectional, GRUCell, LSTMCell, Recurrent, one_step, recurrent_cell
from sentiment.layers.rules import L1L2, MaxNorm, NonNegative, UnitNorm
from sentiment.layers.self_attention import AttentionWeights, SelfAttention
from sentiment.layers.token_features import KnownAndLearned, Negation, WordDropout
from sentiment.layers.transformer_layer import TransformerLayer, token_dropout

__all__ = [
    "GRU",
    "L1L2",
    "LSTM",
    "AttentionPooling",
    "AttentionWeights",
    "BagScores",
    "Bidirectional",
    "Committee",
    "Convolutions",
    "EachClass",
    "Embedding",
    "EmbeddingBag",
    "Ensemble",
    "GRUCell",
    "KnownAndLearned",
    "LSTMCell",
    "LayerNorm",
    "LearnedPositions",
    "MaskedMax",
    "MaskedMean",
    "MaxNorm",
    "NarrowDense",
    "Negation",
    "NgramScores",
    "NonNegative",
    "NoteMean",
    "NotedMeans",
    "Opposites",
    "Recurrent",
    "SelfAttention",
    "TokenMask",
    "TransformerLayer",
    "UnitNorm",
    "UnitRms",
    "WordDropout",
    "answers",
    "check_ids",
    "masked_serial",
    "one_step",
    "recurrent_cell",
    "token_dropout",
]
