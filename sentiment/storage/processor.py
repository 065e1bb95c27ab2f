"""The kind of processor, by which caches that hold its machine code or rounded numbers are kept apart."""

import functools
import hashlib
import platform
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")


@functools.cache
def processor_kind() -> str:
    """Returns a hash of the processor's model and features: homes may be shared by machines of several kinds."""
    lines = _CPU_INFO.read_text("utf-8", "replace").splitlines() if _CPU_INFO.exists() else []
    kind = sorted({line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part"))})
    return hashlib.sha256("\n".join([platform.machine(), platform.processor(), *kind]).encode()).hexdigest()[:16]
