"""Texts -> labels with probabilities, with NumPy and onnxruntime alone."""
