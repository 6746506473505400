"""Lessons: small networks, computed with the code of the chapter (:mod:`glassnet.net`) and explained."""
