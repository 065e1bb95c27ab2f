"""Predicts the label of sentences (sentiment/commands/predict.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.predict import main

if __name__ == "__main__":
    run(main)
