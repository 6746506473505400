"""Training by several processes, on one machine or on several: the same script in each, with JAX between them.

>>> import glassnet.distributed
>>> glassnet.distributed.start()                                                   # doctest: +SKIP
>>> model = glassnet.train("my.csv", target="price", engine="jax")                 # doctest: +SKIP
"""

from glassnet.distributed.actors import on_ray
from glassnet.distributed.calls import together
from glassnet.distributed.connection import start
from glassnet.distributed.places import Place, find_place

__all__ = ["Place", "find_place", "on_ray", "start", "together"]
