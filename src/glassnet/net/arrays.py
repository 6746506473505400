"""The one array type of the chapter: float32 or float64, whichever the parameters have."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
