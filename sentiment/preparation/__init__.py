"""A source of any size -> a folder of shards of encoded texts, a block of rows at a time on all cores."""
