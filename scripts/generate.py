"""Samples texts from a language model (sentiment/commands/generate.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.generate import main

if __name__ == "__main__":
    run(main)
