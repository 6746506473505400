"""``glassnet lesson``"""

from __future__ import annotations


def lesson() -> None:
    """A small network with every number in sight: how it computes, and how it learns.

    Four inputs, two hidden layers of five neurons, one output, three rows. The lesson shows every weight
    and bias before and after 10001 steps, the error on the way, and what the exact gradient does instead.

    Example:  glassnet lesson | less
    """
    from glassnet.lessons import worked_example
    from glassnet.lessons.worked_example_text import tell

    print(tell(worked_example.run()), end="")
