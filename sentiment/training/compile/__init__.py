"""Programs compiled ahead and kept."""
