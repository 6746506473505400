"""A table that was read, understood: the type of each column, and the task."""
