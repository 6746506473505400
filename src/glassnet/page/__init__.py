"""The page on which a network is seen and touched: live while it trains, as a report in one file, in a notebook.

``document`` describes a model as one plain JSON document; ``app/`` is the front end, which draws that document and
computes with it; ``report``, ``live`` and ``notebook`` are the three places in which the same page is shown.
"""
