"""The command `sentiment VERB ...`: each verb is a module of sentiment/commands, beside those that they share."""

import importlib
import pkgutil
import sys

from sentiment import commands
from sentiment.commands.cli import add_command, new_app, run_app

_SHARED = ("cli", "file_flags")  # what verbs share


def main() -> None:
    """Runs the verb that the command line names; without one, prints usage."""
    app = new_app()
    app.callback(help="Train a classifier of tweets, see how good it is, and let it predict.")(lambda: None)
    verbs = [module.name for module in pkgutil.iter_modules(commands.__path__) if module.name not in _SHARED]
    asked = [verb for verb in verbs if sys.argv[1:2] == [verb]]
    for verb in asked or verbs:  # a verb's answer need not wait for the others' imports
        add_command(app, importlib.import_module(f"{commands.__name__}.{verb}").main, verb)
    run_app(app, sys.argv[1:] or ["--help"])


if __name__ == "__main__":
    main()
