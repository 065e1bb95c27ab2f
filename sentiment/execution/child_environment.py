"""What a child Python finds: the modules that this process finds, and nothing that the current folder holds."""

import os
import sys


def python_environment() -> dict[str, str]:
    """Returns the environment in which a child Python finds the modules that this process finds, and no others.

    The current folder, which may hold anybody's data, is none of its places unless it is one of this process's.
    """
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"}
