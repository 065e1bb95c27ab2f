"""Shows the devices that JAX finds here."""

import platform
from importlib.metadata import version

from sentiment.commands.cli import DeviceFlag


def main(device: DeviceFlag = "auto") -> None:
    """Print the devices that training would use, their memory, and the versions of JAX and Python."""
    from sentiment.training.parallel.backend import begin_backend, set_up_backend

    set_up_backend(device)
    print(f"jax {version('jax')}, jaxlib {version('jaxlib')}, Python {platform.python_version()}")
    for each in begin_backend():
        limit = (each.memory_stats() or {}).get("bytes_limit")
        memory = f"  {limit / 2**30:.1f} GiB" if limit else ""
        print(f"{each.platform}:{each.id}  {each.device_kind}{memory}")
