"""A complete, see-through multi-layer perceptron: fit it in one line, look inside, trust it."""

__version__ = "0.1.0"
