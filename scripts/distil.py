"""Trains a student on what its teachers answer for texts (sentiment/commands/distil.py has the flags)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sentiment.commands.cli import run
from sentiment.commands.distil import main

if __name__ == "__main__":
    run(main)
