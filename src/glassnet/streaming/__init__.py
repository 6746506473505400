"""Training on a table that does not fit into memory.

The table is read twice in blocks: first for a sample, from which everything that has to be known of it is learned
(``survey.py``), then to encode its rows, which are written to a cache on a disk in random order (``row_cache.py``).
Each epoch reads the cache a bucket at a time, while the engine trains on the bucket before (``row_source.py``).
"""
