"""How good a model is that gives a text any number of labels: each label of each text is a decision.

result.py       the answers of a split, and their metrics
sample.py       the examples that are scored
baselines.py    the simple ways, fitted to the model's training rows
scoreboard.py   the model beside them, and all figures by name
calibration_figures.py  how far probabilities can be believed
summary.py      the figures as lines of text
saved.py        predictions and figures as files
"""
