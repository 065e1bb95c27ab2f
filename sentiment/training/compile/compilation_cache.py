"""Compiled programs kept from one run to the next, in the user's cache folder, by JAX's own persistent cache."""

from pathlib import Path

import jax

from sentiment.download.fetch import cache_folder
from sentiment.storage.processor import processor_kind


def keep_compiled_programs() -> Path:
    """Has JAX look for programs in `compiled` under the cache folder, and leave there what it compiles.

    A program found there is the same machine code that was compiled before, and so gives the same bits. JAX knows
    programs by their text, its own version and options, but not by the processor: each kind of processor has a folder
    of its own, for the sake of homes that several machines share. What is damaged JAX compiles anew. A config and its
    corpus take 0.2 MB; anything there may be deleted.

    Returns:
        The folder.
    """
    folder = cache_folder() / "compiled" / processor_kind()
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder
