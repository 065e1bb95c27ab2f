"""The program's verbs, one a module: its `main` is what `sentiment VERB` and `scripts/VERB.py` run."""
