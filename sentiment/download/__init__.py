"""Verified downloads: the package index, NLTK's data, the cache folder."""
