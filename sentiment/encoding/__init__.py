"""Tokens -> ids: the Encoder protocol, the vocabulary, hashed n-grams, fixed length."""
