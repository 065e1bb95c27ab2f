"""Language models: the next token of a text from those before it."""

from collections.abc import Sized
from dataclasses import dataclass

from sentiment import layers
from sentiment.trax_runtime import tl


@dataclass(frozen=True, kw_only=True)
class LstmLanguageModel:
    """One LSTM cell and one dense layer, used at every time step to predict the next token (seeds/002).

    Attributes:
        d_embedding: size of a token's vector.
        units: of the LSTM.
        dropout: share of vectors' and outputs' values that training sets to zero.
    """

    d_embedding: int = 64
    units: int = 128
    dropout: float = 0.3

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities of each next token, as `Architecture.layers` says.

        The corpus's labels play no part: `n_classes` is not used.
        """
        del n_classes, several
        return tl.Serial(
            layers.Embedding(len(encoder), self.d_embedding),
            tl.Dropout(self.dropout, mode=mode),
            layers.LSTM(self.units, return_sequences=True, masked=False),
            tl.Dropout(self.dropout, mode=mode),
            tl.Dense(len(encoder)),
            tl.LogSoftmax(),
        )
