"""An evaluation as a page for people, and as a model card."""
