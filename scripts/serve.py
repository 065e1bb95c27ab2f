"""Serves a run over HTTP (sentiment/commands/serve.py has the flags)."""

from sentiment.cli import run
from sentiment.commands.serve import main

if __name__ == "__main__":
    run(main)
