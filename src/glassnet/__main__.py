"""``python -m glassnet``: the same as ``glassnet``."""

import sys

from glassnet.cli import main

sys.exit(main())
