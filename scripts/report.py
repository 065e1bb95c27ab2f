"""Writes a page and a model card that tell how good a run is (sentiment/commands/report.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.report import main

if __name__ == "__main__":
    run(main)
