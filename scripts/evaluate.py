"""Evaluates a trained run on a split of its corpus, or of another (sentiment/commands/evaluate.py has the flags)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sentiment.commands.cli import run
from sentiment.commands.evaluate import main

if __name__ == "__main__":
    run(main)
