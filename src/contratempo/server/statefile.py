"""The state file: the default world kept in a file, which is at every moment a whole save."""

import asyncio
import contextlib
import errno
import glob
import logging
import os
import stat
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec

from contratempo.contract.source import DocumentError
from contratempo.server.realtime import RealTime
from contratempo.server.saving import Differs, Savings, Unreadable, captures_webhooks, read
from contratempo.server.worlds import World
from contratempo.sim.saved import dump
from contratempo.sim.simulation import Simulation
from contratempo.sim.snapshot import Snapshot, take

_LOG: Final = logging.getLogger("contratempo")
SECONDS: Final = 2.0
"""Real seconds between two looks at whether there is something to save."""
SHARE: Final = 20
"""Times as long as a save took nothing is saved after it, so that saving a large world is a small part of the work."""
HELD: Final = "another server keeps its world in it"


class StateFileError(DocumentError):
    """A state file that cannot be used; told like a bad document."""


class _Taken(NamedTuple):
    """A world as it is to be saved, and how many were to be saved before."""

    number: int
    snapshot: Snapshot
    simulation: Simulation
    captures: bool


@dataclass
class StateFile:
    """Where a world is kept; `world` is loaded from it once, and saved there whenever it has changed."""

    path: Path
    savings: Savings
    real: RealTime
    lost: bool = False
    """Whether the last save failed, so that what is in the file is an earlier world."""
    _kept: tuple[Any, ...] | None = None
    _begun: int = 0
    _written: int = 0
    _held: BinaryIO | None = field(default=None, repr=False)
    _let_go: Callable[[], object] = field(default=lambda: None, repr=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def load(self, world: World, *, anyway: bool = False) -> bool:
        """Put what the file has in place of a world and say whether there was a file.

        StateFileError names what is wrong with it. A world without one is written there at once, so that what cannot be
        written is found now.
        """
        try:
            raw = self._read()
            if not self._hold():
                raise self._error(HELD, "name another file, or end that server")
            if raw is not None:
                document = read(raw)
                world.simulation = self.savings.load(document, world.id, self.real.seconds(), anyway=anyway)
                world.begin_capturing(captures_webhooks(document))
        except OSError as error:
            raise self._error(f"it cannot be read: {error.strerror}", "name another, or mend its permissions") from None
        except Unreadable as error:
            raise self._error(error.what, f"{error.hint}; or move it away to start afresh") from None
        except Differs as error:
            hint = "start with the version, --rule and --profile it was saved under, or take it over by --state-anyway"
            raise self._error(error.what.rstrip("."), hint) from None
        try:
            sweep(self.path)
            self.save(world)
        except OSError as error:
            raise self._error(f"it cannot be written: {error.strerror}", "name another, or mend the folder") from None
        return raw is not None

    def save(self, world: World) -> None:
        """Save a world now."""
        mark = _mark(world)
        self._write(self._take(world))
        self._kept = mark

    async def keep(self, world: World) -> None:
        """Save a world every few seconds in which it has changed, until cancelled; nobody waits for the disk."""
        while True:
            await asyncio.sleep(SECONDS)
            if self._kept != (mark := _mark(world)):
                began = self.real.seconds()
                taken = self._take(world)
                try:
                    await asyncio.to_thread(self._write, taken)
                    self._kept = mark
                except OSError as error:
                    _LOG.error("%s: the world could not be saved: %s", self.path, error.strerror)
                await asyncio.sleep((self.real.seconds() - began) * SHARE)

    def close(self, world: World) -> None:
        """Save a world for the last time; what cannot be written is logged, and `lost`."""
        try:
            self.save(world)
        except OSError as error:
            self.lost = True
            _LOG.error("%s: the world could not be saved: %s", self.path, error.strerror)
        self._let_go()
        self._held = None

    def _read(self) -> bytes | None:
        try:
            if not stat.S_ISREG(os.stat(self.path).st_mode):
                raise Unreadable("it is no regular file", "name a file")
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def _take(self, world: World) -> _Taken:
        self._begun += 1
        return _Taken(self._begun, take(world.simulation), world.simulation, world.captures)

    def _write(self, taken: _Taken) -> None:
        """Write beside the file, to the disk, and only then in its place; each save is later than the one before.

        A thread that is no longer waited for, as when the server ends, may come to its turn after a later one.
        """
        with self._writing:
            if taken.number < self._written:
                return
            if not self._hold():  # it was moved or written over, and another server has begun with what is there now
                raise OSError(errno.EBUSY, HELD)
            world = dump(taken.simulation.as_it_was(taken.snapshot))
            content = msgspec.json.encode(self.savings.document(world, captures=taken.captures))
            write_whole(self.path, content + b"\n")
            self._written = taken.number
            self._hold()  # what is in its place now is another file

    def _hold(self) -> bool:
        """Hold the file against other servers, and say whether none of them does."""
        try:
            if self._held is not None and os.path.samestat(os.fstat(self._held.fileno()), os.stat(self.path)):
                return True  # to open and close it once more would let it go
            file = self.path.open("r+b")
        except OSError:  # there is none yet, or it may only be replaced
            return True
        if is_held(file):
            file.close()
            return False
        self._let_go()
        self._held, self._let_go = file, weakref.finalize(self, file.close)
        return True

    def _error(self, what: str, hint: str) -> StateFileError:
        return StateFileError(what, file=self.path, hint=hint[:1].upper() + hint[1:])


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that at every moment it is what it was or what it is to be, and as private as it was.

    OSError, too, for what is no file, such as a device: it would be put away for one.
    """
    kept = _mode(path)
    target = Path(os.path.realpath(path))  # a link stays one
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            if kept is not None:
                with contextlib.suppress(OSError):  # a file system without permissions
                    beside.chmod(kept)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _mode(path: Path) -> int | None:
    """Return the permissions of a file, None when there is none yet."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "It is no regular file")
    return stat.S_IMODE(mode)


def is_held(file: BinaryIO) -> bool:
    """Say whether another process holds a file; otherwise hold it, for as long as it is open."""
    if os.name != "posix":  # elsewhere nobody is kept from it
        return False
    import fcntl

    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # a file system without locks holds nothing
        return error.errno in (errno.EACCES, errno.EAGAIN)
    return False


def is_kept(path: Path) -> bool:
    """Say whether a server keeps its world in a file."""
    try:
        with path.open("r+b") as file:
            return is_held(file)
    except OSError:  # there is none, or none that a server could hold
        return False


def sweep(path: Path) -> None:
    """Remove what servers that were killed in the middle of a save left beside a file."""
    target = Path(os.path.realpath(path))
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.new"):
        number = left.name.rsplit(".", 2)[1]
        if number.isdigit() and not _lives(int(number)):
            left.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Say whether a process may be at work; where that cannot be asked it may."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _mark(world: World) -> tuple[Any, ...]:
    """Return what is another after each change of a world."""
    simulation = world.simulation
    return (simulation.epoch, simulation.head)
