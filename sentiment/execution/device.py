"""What trains: the kinds of device that a user may ask for, named where JAX needn't be imported."""

from typing import Literal

Device = Literal["auto", "cpu", "gpu", "tpu"]  # auto: an accelerator where JAX finds one
