"""Does a mock still match reality? The same requests to both, and where the answers part."""

from contratempo.conformance.drift.drift import Comparison, Drift, compare, described

__all__ = ["Comparison", "Drift", "compare", "described"]
