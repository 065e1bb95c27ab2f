"""Sentences -> labels with probabilities, by NumPy and onnxruntime alone."""
