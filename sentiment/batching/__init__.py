"""Ids -> padded, weighted batches, and the samplers that choose their rows."""
