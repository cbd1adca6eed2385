"""The benchmark's modules stand beside one another, without a package: they are found as its own script finds them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
