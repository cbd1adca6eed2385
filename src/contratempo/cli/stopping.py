"""Being stopped by a signal, wherever it comes."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer, main_thread
from typing import Final

_MOMENT: Final = 0.01  # s


@contextmanager
def never_lost(raised: type[BaseException]) -> Iterator[None]:
    """Have the handler of SIGTERM raise once more what it `raised` where that was lost.

    Where a signal comes while a library calls back (a format's check, a finalizer) the exception ends there, and the
    interpreter tells `sys.unraisablehook`. A moment later that is over.
    """
    told = sys.unraisablehook

    def once_more(lost: "sys.UnraisableHookArgs") -> None:
        if issubclass(lost.exc_type, raised):
            Timer(_MOMENT, signal.pthread_kill, (main_thread().ident, signal.SIGTERM)).start()
        else:
            told(lost)

    sys.unraisablehook = once_more
    try:
        yield
    finally:
        sys.unraisablehook = told
