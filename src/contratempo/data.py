"""Where the documents and fixtures lie: inside the installed package, or at the root of a checkout."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def data_root(kind: Literal["specs", "fixtures"]) -> Path:
    """Return the folder of the shipped data; a wheel carries it as `_specs` and `_fixtures`.

    Raises FileNotFoundError when neither place has it, which means a broken installation.
    """
    packaged = _PACKAGE / f"_{kind}"
    if packaged.is_dir():
        return packaged
    checkout = _PACKAGE.parents[1] / kind
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError(f"{packaged}: the {kind} that ship with contratempo are missing; install it again")
