"""The exit codes of the command."""

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
