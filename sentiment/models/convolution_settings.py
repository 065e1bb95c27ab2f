"""The settings of convolutions over tokens, which the small and the default model share."""

from dataclasses import dataclass

from sentiment import layers
from sentiment.trax_runtime import tl


@dataclass(frozen=True, kw_only=True)
class ConvolutionSettings:
    """Kim's (2014) convolutions, and the largest of each over the text.

    Attributes:
        widths: how many tokens a convolution looks at; a group for each.
        filters: convolutions in each group.
    """

    widths: tuple[int, ...] = (1, 2, 3)
    filters: int = 64

    def _convolutions(self) -> list[tl.Layer]:
        return [layers.Convolutions(self.widths, self.filters), layers.MaskedMax()]
