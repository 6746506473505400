"""Columns to a network's inputs, targets to its outputs, and back."""
