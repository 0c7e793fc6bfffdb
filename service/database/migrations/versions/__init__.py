"""One change a file, in order of their numbers."""
