"""Where fetched files are kept, and how it is said that one is fetched."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Returns where fetched files are kept: the environment variable SENTIMENT_CACHE, else the user's cache folder."""
    if named := os.environ.get("SENTIMENT_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("sentiment"))


def tell(line: str) -> None:
    """Writes one line to standard error, where it doesn't mix with what a script prints."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
