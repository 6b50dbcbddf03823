"""What a worker process gives up before it reads what others wrote: network, programs, writing.

Two walls stand one behind the other. The kernel's holds against a parser of C that was taken
over: no new privileges and no core dumps wherever there is POSIX, and on Linux an empty network
namespace and Landlock, each where the kernel grants it. Python's own, an audit hook, holds on
every system for what Python code asks for, and turns it away with an error that libraries know.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

_DUMP, _HARDENED = 4, 38  # PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS
_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
# Rights of Landlock: execute, write, remove, make of any kind; then refer (ABI 2), truncate (3).
_EXECUTE, _WRITE, _TRUNCATE = 1 << 0, 1 << 1, 1 << 14
_CHANGES = _WRITE | sum(1 << bit for bit in range(4, 13))
_REFER = 1 << 13
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract sockets, signals

_REFUSED = frozenset(
    "os.exec os.fork os.forkpty os.kill os.killpg os.posix_spawn os.spawn os.startfile os.system "
    "pty.spawn socket.bind socket.connect socket.getaddrinfo socket.gethostbyaddr "
    "socket.gethostbyname socket.getnameinfo socket.sendmsg socket.sendto subprocess.Popen "
    "winreg.ConnectRegistry _winapi.CreateProcess".split()
)
# Which arguments are paths that change, and where the number of a folder to start from stands.
_CHANGING: dict[str, tuple[int, ...]] = {
    "os.chflags": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (1,),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.removexattr": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.setxattr": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "sqlite3.connect": (0,),
}
_FOLDER_AT = {"os.mkdir": 2, "os.remove": 1, "os.rmdir": 1, "os.chmod": 2}
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MEMORY = ":memory:"
_UNIX_SOCKETS = 1  # AF_UNIX on every POSIX system; on Windows nothing else has this number


class ForbiddenError(PermissionError):
    """A reader asked for what a worker process may not do."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a worker may have: bytes of memory (0: any), and of each file that it writes.

    ``scratch`` is the one folder in which it may write; without it, it may write nowhere.
    """

    memory: int
    file_size: int
    _: KW_ONLY
    scratch: str = ""


def confine(bounds: Bounds) -> None:
    """Give up what ``bounds`` does not grant; this cannot be undone.

    To be called while the process has one thread: the kernel's part counts for the caller's
    thread and for those that it starts.
    """
    _limit(bounds)
    if sys.platform == "linux":
        _harden(bounds.scratch)
    sys.dont_write_bytecode = True
    sys.addaudithook(_Guard(bounds.scratch))


def _limit(bounds: Bounds) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, bounds.file_size)
    if sys.platform == "linux" and bounds.memory:  # elsewhere it counts what is merely mapped
        _lower(resource.RLIMIT_AS, bounds.memory)


def _lower(kind: int, wanted: int) -> None:
    import resource

    limit = within(wanted, resource.getrlimit(kind)[1])
    resource.setrlimit(kind, (limit, limit))


def within(wanted: int, hard: int) -> int:
    """Return ``wanted``, or the hard limit where that is lower; -1 is none."""
    return wanted if hard < 0 else min(wanted, hard)


def _harden(scratch: str) -> None:
    """Ask the kernel for each wall; one that it does not grant leaves the others standing."""
    import ctypes  # here, as the parent imports this module too

    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_HARDENED, 1, 0, 0, 0)
    system.prctl(_DUMP, 0, 0, 0, 0)
    # With the privilege for it, a network namespace alone: a user namespace would take from
    # root the reading of other people's files.
    if system.unshare(_NEW_NETWORK) != 0:
        system.unshare(_NEW_USER | _NEW_NETWORK)
    _restrict(system, scratch)


def _restrict(system: Any, scratch: str) -> None:  # noqa: ANN401  a library of C
    """Let Landlock refuse programs, TCP, signals, and writing but to ``scratch``."""
    abi = system.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return
    changes = _CHANGES | (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0)
    handled = (changes | _EXECUTE, _TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    attributes = struct.pack("=QQQ", *handled)[: 24 if abi >= 6 else 16 if abi >= 4 else 8]
    rules = system.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return
    try:
        _allow(system, rules, os.devnull, changes & (_WRITE | _TRUNCATE))
        if scratch:
            _allow(system, rules, scratch, changes)
        system.syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(system: Any, rules: int, path: str, rights: int) -> None:  # noqa: ANN401  a library of C
    beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        system.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", rights, beneath), 0)
    finally:
        os.close(beneath)


class _Guard:
    """The audit hook: its error is one that libraries take for the system's own."""

    def __init__(self, scratch: str) -> None:
        self._scratch = Path(scratch).resolve() if scratch else None
        self._nowhere = Path(os.devnull).resolve()
        self._checks: dict[str, Callable[[str, tuple[Any, ...]], None]] = {
            "open": self._open,
            "socket.__new__": self._socket,
            **dict.fromkeys(_REFUSED, self._never),
            **dict.fromkeys(_CHANGING, self._change),
        }

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        check = self._checks.get(event)
        if check is not None:
            check(event, arguments)

    def _never(self, event: str, _arguments: tuple[Any, ...]) -> None:
        raise ForbiddenError(errno.EPERM, f"a reader may not use {event}")

    def _open(self, event: str, arguments: tuple[Any, ...]) -> None:
        path, _, flags = arguments
        if flags & _TO_WRITE:
            self._check_path(event, path)

    def _socket(self, event: str, arguments: tuple[Any, ...]) -> None:
        if arguments[1] != _UNIX_SOCKETS:  # event loops talk to themselves through a pair of these
            self._never(event, arguments)

    def _change(self, event: str, arguments: tuple[Any, ...]) -> None:
        at = _FOLDER_AT.get(event, len(arguments))
        if at < len(arguments) and arguments[at] not in {-1, None}:
            return  # relative to a folder that is open: which one, only Landlock knows
        for place in _CHANGING[event]:
            self._check_path(event, arguments[place])

    def _check_path(self, event: str, path: object) -> None:
        if isinstance(path, int) or path == _MEMORY:  # what is open already, or no file at all
            return
        if isinstance(path, str | bytes | os.PathLike):
            name = Path(os.fsdecode(path)).resolve()
            if name == self._nowhere or (self._scratch and name.is_relative_to(self._scratch)):
                return
        raise ForbiddenError(errno.EPERM, f"a reader may not write a file ({event})")
