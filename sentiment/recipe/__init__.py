"""What a config selects: the recipe, its loss, learning rate, early stopping and optimizer; the shipped variants."""
