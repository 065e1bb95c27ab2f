"""File descriptors: how many connections a process can hold and still open files."""

import functools
import resource

MOST = 4096  # connections of a process
SPARE = 128  # descriptors for the model, the log, sockets of the loop


def raise_limit() -> None:
    """Takes as many descriptors as the connections need, where the system lets us: shells give 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + SPARE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


@functools.cache
def max_connections() -> int:
    """Returns how many connections a process may hold: MOST, or fewer where descriptors are few."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(SPARE // 2, min(MOST, soft - SPARE))
