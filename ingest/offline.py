"""No network at all: every attempt to reach another machine is an error that names who tried."""

from __future__ import annotations

import inspect
import os
import sys
from ipaddress import ip_address
from types import FrameType

from memctl.ingest.errors import MemctlError

VARIABLE = "MEMCTL_OFFLINE"
_HERE = {"localhost", "", "0.0.0.0", "::"}
_ON: list[bool] = []


class OfflineError(MemctlError):
    """Something wanted the network, which was forbidden."""


def forbid_network() -> None:
    """Let this process, and those that it starts, reach nothing but this machine from here on.

    It cannot be taken back. What memctl talks to on this machine, such as a model's own server, is
    let through. Code that does not call the system through Python is not seen.
    """
    # Libraries that would ask their hub first are told; and so are processes that are started.
    os.environ.update({VARIABLE: "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})
    if not _ON:
        _ON.append(True)
        sys.addaudithook(_refuse)


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host: object = args[0]
    elif event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of here
    else:
        return
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if isinstance(host, str) and not _is_here(host):
        raise OfflineError(
            f"{_who(inspect.currentframe())} wants to reach {host}, and the network is forbidden",
            hint=f"Leave out --offline and {VARIABLE} to allow it.",
        )


def _is_here(host: str) -> bool:
    if host in _HERE:
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _who(frame: FrameType | None) -> str:
    """Return the module that asks: the nearest of memctl's, or else the outermost of a library."""
    outermost = ""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith("memctl.") and name != __name__:
            return name
        if name not in {"", "__main__", __name__}:
            outermost = name
        frame = frame.f_back
    return outermost or "a program"
