"""Model variants, a file a family: factories of `tl.Serial` from token ids to log-probabilities."""
