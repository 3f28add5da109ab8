"""One page a file, widgets only: ask, stop if empty, show."""
