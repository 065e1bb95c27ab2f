"""Many trainings of one config: a search for its settings, and cross-validation; both see no test text."""
