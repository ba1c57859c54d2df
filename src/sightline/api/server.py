"""The process that listens: refuses to where it would be open to everybody, says where it is, ends in good order."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from sightline.api.app import create_app
from sightline.errors import SetupError
from sightline.library.migrate import upgrade
from sightline.service.platform import Platform
from sightline.text import Language, words

GRACE_S = 5
"""What requests get to come to their end when the service is stopped."""
BACKLOG = 512


def run(platform: Platform, told: Callable[[str], None], language: Language) -> None:
    """Listens until the process is told to end. ``told`` gets what a person at the terminal should read.

    Raises `SetupError` when the port is taken, or when there is no account and the address is not this machine's own.
    """
    settings = platform.settings
    upgrade(platform.database)
    if not _is_loopback(settings.host) and not platform.accounts.can_anybody_sign_in():
        raise SetupError("api.no_account", host=settings.host)
    first = platform.links.first_link()
    listening = _listening(settings.host, settings.port)
    port = listening.getsockname()[1]
    address = settings.public_url.rstrip("/") or f"http://{_shown(settings.host)}:{port}"
    told(words("api.listening", language, address=address, folder=settings.data_dir))
    if first is not None:
        told(words("api.first_link", language, link=f"{address}{first}"))
    config = uvicorn.Config(
        create_app(platform),
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        backlog=BACKLOG,
        # Who is believed about addresses is decided in `sightline.api.proxies`.
        proxy_headers=False,
        ws="none",
    )
    server = uvicorn.Server(config)
    try:
        # Once it has ended in good order, it raises the signal that told it to.
        with suppress(KeyboardInterrupt, SystemExit):
            server.run(sockets=[listening])
    finally:
        listening.close()
    if not server.started:
        raise SetupError("api.not_started")


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small pieces at once (TCP_NODELAY) only where the socket says by name that it is TCP; without that
    # an answer's body waits 40 ms for the client to acknowledge its head.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SetupError("api.port_taken", host=host, port=port, why=error.strerror or error) from error
    listening.set_inheritable(False)
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
