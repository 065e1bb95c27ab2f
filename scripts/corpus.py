"""Describes a corpus (sentiment/commands/corpus.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.corpus import main

if __name__ == "__main__":
    run(main)
