"""How work is done: in which processes, shown as it goes on, stopped between two of its steps by a signal."""
