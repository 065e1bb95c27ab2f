"""Text -> tokens: the preprocessor, its steps, tokenizer and stemmer, emoticons, idioms, offsets, word lists."""
