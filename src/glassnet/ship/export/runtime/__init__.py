"""Source files that are copied into exports: each needs the standard library, or NumPy, and nothing of glassnet."""
