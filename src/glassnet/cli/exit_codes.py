"""What the command returns to the shell."""

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
