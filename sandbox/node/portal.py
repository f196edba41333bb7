"""The two ways between the node's network and the control plane's, and there are no others.

Node to API server: listeners made in the node's network, whose connections go on to loopback.
API server to node: HTTP CONNECT over a Unix socket, to kubelet, pods and Services only.

A socket stays in the network namespace in which it was made; so one process serves both sides.
"""

import asyncio
import ipaddress
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import linux
from sandbox.node.addresses import ADDRESS, LOOPBACK, NETWORK, SERVICES

_CONNECT_SECONDS = 10.0
_CHUNK_BYTES = 65536
_END_OF_HEAD = b"\r\n\r\n"
_PRIVATE = 0o177
"""Mask that leaves reading and writing to the owner."""
_REACHABLE = tuple(ipaddress.ip_network(network) for network in (NETWORK, SERVICES))

Address = tuple[str, int]


@dataclass(frozen=True)
class Portal:
    """Both ways of one node, while its holder serves them."""

    network: int
    """Descriptor of the node's network namespace."""
    doors: Sequence[socket.socket]
    """Listeners in it; they stand in for the API server."""
    api_port: int
    """Where the API server listens, on this machine's loopback."""
    egress: Path
    """The Unix socket for the API server."""

    async def serve(self, until: asyncio.Event) -> None:
        """Serve both ways until the event is set."""
        servers = [await asyncio.start_server(self._to_api, sock=door) for door in self.doors]
        self.egress.unlink(missing_ok=True)
        servers.append(await self._egress_server())
        await until.wait()
        for server in servers:
            server.close()
        self.egress.unlink(missing_ok=True)

    async def _egress_server(self) -> asyncio.Server:
        before = os.umask(_PRIVATE)
        try:
            return await asyncio.start_unix_server(self._to_node, str(self.egress))
        finally:
            os.umask(before)

    async def _to_api(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            upstream = await _dial((LOOPBACK, self.api_port), socket.socket)
        except (OSError, TimeoutError):
            writer.transport.abort()
            return
        await _join((reader, writer), upstream)

    async def _to_node(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            address = requested(await reader.readuntil(_END_OF_HEAD))
            upstream = await _dial(address, self._socket_in_node)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionResetError):
            writer.transport.abort()
            return
        except (OSError, TimeoutError, ValueError) as problem:
            writer.write(f"HTTP/1.1 502 {problem or 'no answer'}\r\n\r\n".encode())
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await _join((reader, writer), upstream)

    def _socket_in_node(self) -> socket.socket:
        with linux.inside_network(self.network):
            return socket.socket()


def open_doors(network: int, port: int) -> list[socket.socket]:
    """Listen in the node's network where its processes and pods look for the API server."""
    with linux.inside_network(network):
        return [socket.create_server((address, port)) for address in (ADDRESS, LOOPBACK)]


def requested(head: bytes) -> Address:
    """The address that the head of a CONNECT request asks for; ValueError when it may not."""
    method, target, *_ = head.decode("ascii").split()
    host, _, port = target.rpartition(":")
    address = ipaddress.ip_address(host)
    if method != "CONNECT" or not any(address in network for network in _REACHABLE):
        raise ValueError(f"{method} {target} is no way into the node")
    return host, int(port)


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _dial(address: Address, make: Callable[[], socket.socket]) -> Stream:
    connection = make()
    try:
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.sock_connect(connection, address), _CONNECT_SECONDS)
        return await asyncio.open_connection(sock=connection)
    except BaseException:
        connection.close()
        raise


async def _join(one: Stream, other: Stream) -> None:
    """Copy both ways until both have ended; one that breaks ends the other too."""
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_copy(one[0], other[1]))
            group.create_task(_copy(other[0], one[1]))
    except* OSError:
        pass
    finally:
        for _, writer in (one, other):
            writer.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(_CHUNK_BYTES):
        sink.write(data)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()
