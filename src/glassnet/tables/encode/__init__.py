"""Encoders, which turn the columns of a table into the inputs of a network."""
