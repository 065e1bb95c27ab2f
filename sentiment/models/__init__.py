"""Models, a file a family: settings that a config gives, and the `tl.Serial` that they become."""
