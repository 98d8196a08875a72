"""Where pages and gateway listen: the address, whether it is allowed, and the socket on it.

Law: nothing listens where other machines reach it unless a token is set.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket

from yinuo.errors import Misuse
from yinuo.runtime.settings import Settings

OFF = "off"
BACKLOG = 200


def web_address(settings: Settings) -> tuple[str, int]:
    """Host (without brackets) and port. Misuse: no address, or one that others reach and no token."""
    host, _, port = settings.web_bind.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise Misuse(f"YINUO_WEB_BIND: {settings.web_bind!r} is no host:port, as in 127.0.0.1:8470")
    if settings.web_token is None and not is_loopback(host):
        raise Misuse(
            f"YINUO_WEB_BIND {settings.web_bind} can be reached from other machines: set YINUO_WEB_TOKEN to a secret "
            "(`openssl rand -hex 16` makes one), or bind to 127.0.0.1"
        )
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def listening(settings: Settings) -> socket.socket:
    """A socket on the address; Misuse says in one line why there cannot be one."""
    host, port = web_address(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise Misuse(
            f"YINUO_WEB_BIND: cannot listen on {settings.web_bind} ({error.strerror or error}): end what does, "
            f"or set another port, or `{OFF}` for `yinuo up` without pages"
        ) from None
    return sock


def usable_bind(settings: Settings) -> str:
    """YINUO_WEB_BIND with a free port for 0, `off` as it is; Misuse when one cannot listen there now."""
    if settings.web_bind == OFF:
        return OFF
    with listening(settings) as sock:
        host, _, port = settings.web_bind.rpartition(":")
        return f"{host}:{sock.getsockname()[1] if int(port) == 0 else port}"


def url_of(bind: str) -> str:
    """Where a browser on this machine finds what listens there."""
    host, _, port = bind.rpartition(":")
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host.strip("[]"))
        if address.is_unspecified:
            host = "127.0.0.1" if address.version == 4 else "[::1]"
    return f"http://{host}:{port}/"
