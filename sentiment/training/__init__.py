"""A recipe and a corpus -> a finished run: training, going on from another run, calibration and export at the end."""
