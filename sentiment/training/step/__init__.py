"""One training step: the trainer, its compiled function, its feed, gradient accumulation, sparse rows, bfloat16."""
