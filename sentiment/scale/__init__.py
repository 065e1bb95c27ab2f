"""Work on a Ray cluster: training and prediction by the same configs, runs and files as on one machine."""
