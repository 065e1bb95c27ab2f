"""One training step: the trainer, its compiled function, its feed, sparse rows, bfloat16."""
