"""Prepares a corpus of any size (sentiment/commands/prepare.py has the flags)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sentiment.commands.cli import run
from sentiment.commands.prepare import main

if __name__ == "__main__":
    run(main)
