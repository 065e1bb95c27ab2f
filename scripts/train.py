"""Trains a classifier and leaves it in a run directory (sentiment/commands/train.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.train import main

if __name__ == "__main__":
    run(main)
