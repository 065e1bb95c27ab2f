"""Trax's Loop made safe: checkpoints, evaluation, progress, signals, divergence."""
