"""A file to fetch from a package index of the tests' own."""

import hashlib

from sentiment.download.fetch import Distribution

CONTENT = bytes(range(256)) * 1000
NAME = "Some_Data-1.0.tar.gz"


def distribution(content: bytes = CONTENT) -> Distribution:
    """Returns the pin of a content."""
    return Distribution("Some.Data", "1.0", NAME, hashlib.sha256(content).hexdigest(), len(content), "MIT licence")
