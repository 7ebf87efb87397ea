"""Servers on this machine: one that is not running is said at once, since no retry will start it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lhe_tui.errors import FAILED, LheError
from lhe_tui.models.catalogue import PROVIDERS, ModelNotAvailable, has_no_server, provider_address

if TYPE_CHECKING:
    from lhe_tui.models.openai.server_address import ServerAddress


class ServerDown(LheError):
    """A server on this machine that nothing answers for."""

    exit_code = FAILED


async def check_servers(names: Iterable[str], base_url: str | None) -> None:
    """Look whether the servers of these models listen, where they are on this machine. Raises ServerDown."""
    checked: set[str] = set()
    for name in names:
        address = local_address(name, base_url)
        if address is None or address.base_url in checked:
            continue
        checked.add(address.base_url)
        if await nothing_listens(address):
            raise ServerDown(f"nothing answers at {address.base_url}: start the server first")


def local_address(name: str, base_url: str | None) -> ServerAddress | None:
    """Where on this machine the model's server should listen; None for a remote one and where there is none."""
    from lhe_tui.models.openai.server_address import BadAddressError, parse_address

    if has_no_server(name):
        return None
    prefix = name.partition("/")[0]
    provider = PROVIDERS.get(prefix)
    try:
        if provider is not None and not base_url:
            address = provider_address(provider)
        else:
            address = parse_address(base_url or f"http://{prefix}/v1")
    except BadAddressError as error:
        raise ModelNotAvailable(str(error)) from None
    return address if address.loopback else None


async def nothing_listens(address: ServerAddress, seconds: float = 3.0) -> bool:
    """Whether a connection to a local server is refused; one that is merely slow is given the benefit."""
    parts = urlsplit(address.base_url)
    port = parts.port or (443 if address.encrypted else 80)
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except TimeoutError:
        return False
    except OSError:
        return True
    writer.close()
    return False
