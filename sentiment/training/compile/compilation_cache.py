"""Compiled programs kept from one run to the next, in the user's cache folder, by JAX's own persistent cache."""

import tempfile
import warnings
from pathlib import Path

import jax

from sentiment.download.cache import cache_folder
from sentiment.storage.processor import processor_kind
from sentiment.terminal import tell


def keep_compiled_programs() -> Path:
    """Has JAX look for programs in `compiled` under the cache folder, and leave there what it compiles.

    A program found there is the same machine code that was compiled before, and so gives the same bits. JAX knows
    programs by their text, its own version and options, but not by the processor: each kind of processor has a folder
    of its own, for the sake of homes that several machines share. What is damaged JAX compiles anew. A config and its
    corpus take 0.2 MB; anything there may be deleted.

    A folder that can't be written costs the next start some seconds and no more: one line on standard error says so.

    Returns:
        The folder.
    """
    folder = cache_folder() / "compiled" / processor_kind()
    # JAX would warn in two lines for each program.
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache entry")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        tell(f"{folder}: {error.strerror}: compiled programs are not kept, so that the next start takes longer")
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return folder
