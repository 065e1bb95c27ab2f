"""Trained models teach a smaller one: they answer for unlabelled texts, and the student learns from their answers."""
