"""Text -> tokens: the preprocessor, its tokenizer and stemmer, emoticons, idioms, offsets, word lists."""
