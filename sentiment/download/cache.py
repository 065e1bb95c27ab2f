"""Where fetched files are kept."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Returns where fetched files are kept: the environment variable SENTIMENT_CACHE, else the user's cache folder."""
    if named := os.environ.get("SENTIMENT_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("sentiment"))
