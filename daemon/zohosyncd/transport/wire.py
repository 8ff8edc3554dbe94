"""The sender of production: aiohttp, with one session and its connections for all accounts."""

import asyncio
import errno
import socket
import ssl
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import AddrInfoType
from yarl import URL

from zohosyncd import __version__
from zohosyncd.core.addresses import Reach, names_this_machine, reach_of
from zohosyncd.transport.sender import (
    CERTIFICATE,
    FORBIDDEN,
    TOO_LARGE,
    Answered,
    HttpRequest,
    Lost,
    Outcome,
    Undelivered,
)

KEEPALIVE: Final = 4.0
"""Seconds that an idle connection is used again: below what common servers keep theirs open (five and more), since a
write on a connection that the server is closing ends as "it may have been carried out"."""

CONNECT: Final = 15.0
"""Seconds for name, connection and TLS; part of the request's deadline."""

_CHUNK: Final = 64 * 1024


class AiohttpSender:
    """Sends over the network. Use it as an async context manager, one for the whole daemon.

    It keeps no cookies, follows no redirect, repeats nothing and verifies certificates. Each address is judged in the
    moment of connecting to it, so that a name whose answer changes leads nowhere else.

    Args:
        tls: the certificates that are trusted, None = those of the system.
        resolver: finds the addresses of a name, None = the system's.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, resolver: AbstractResolver | None = None) -> None:
        self._tls = tls
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = _OneConnection(
            limit=0,
            keepalive_timeout=KEEPALIVE,
            ssl=True if self._tls is None else self._tls,
            enable_cleanup_closed=False,
            resolver=self._resolver,
            socket_factory=_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": f"zohosyncd/{__version__}"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: HttpRequest) -> Outcome:
        """Send and wait for the complete answer, at most ``request.deadline`` seconds."""
        course = _Course(local=request.local or names_this_machine(urlsplit(request.url).hostname or ""))
        token = _COURSE.set(course)
        try:
            async with asyncio.timeout(request.deadline):
                return await self._exchange(request)
        except aiohttp.ClientConnectorCertificateError:
            return Undelivered(CERTIFICATE)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            if course.forbidden and not course.allowed:
                return Undelivered(FORBIDDEN)
            return Undelivered(_why_unreachable(error))
        except TimeoutError:
            return Lost("deadline") if course.connected else Undelivered("deadline")
        except (aiohttp.ClientError, OSError) as error:
            reason = "connection lost" if isinstance(error, aiohttp.ClientConnectionError) else "answer broken off"
            return Lost(reason) if course.connected else Undelivered("connection lost")
        except (ValueError, asyncio.IncompleteReadError):
            return Lost("answer unreadable") if course.connected else Undelivered("bad request")
        finally:
            _COURSE.reset(token)

    async def _exchange(self, request: HttpRequest) -> Outcome:
        if self._session is None:
            raise RuntimeError("the sender is used outside of its async with block")
        async with self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=dict(request.headers),
            data=request.body or None,
            allow_redirects=False,
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += chunk
                if len(body) > request.max_bytes:
                    response.close()
                    return Lost(TOO_LARGE)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answered(response.status, headers, bytes(body), request.url)


class _Course:
    """How far one request has come: from the moment it has a connection, its first byte may have left.

    Args:
        local: whether it may go to this machine.
    """

    def __init__(self, *, local: bool) -> None:
        self.local = local
        self.connected = False
        self.allowed = False
        """Whether one of the addresses may be called."""
        self.forbidden = False
        """Whether one of them may not."""


class _SecondConnection(aiohttp.ClientConnectionError):
    """aiohttp was about to repeat a request by itself, on another connection, after the first one broke."""


_COURSE: Final[ContextVar[_Course]] = ContextVar("course")


class _OneConnection(aiohttp.TCPConnector):
    """Gives each request one connection only: aiohttp repeats PUT and DELETE, which it takes for harmless, by itself
    when a kept connection breaks."""

    async def connect(self, req: Any, traces: Any, timeout: aiohttp.ClientTimeout) -> Any:
        """Hand out a connection, and note that the request has it."""
        course = _COURSE.get()
        if course.connected:
            raise _SecondConnection
        connection = await super().connect(req, traces, timeout)
        course.connected = True
        return connection


def _socket(info: AddrInfoType) -> socket.socket:
    """The socket for one address of a name, unless it may not be called; aiohttp then tries the next one."""
    family, kind, protocol, _, place = info
    course = _COURSE.get()
    reach = reach_of(str(place[0]))
    if reach is Reach.NEVER or (reach is Reach.THIS_MACHINE and not course.local):
        course.forbidden = True
        raise OSError(errno.EACCES, FORBIDDEN)
    course.allowed = True
    return socket.socket(family, kind, protocol)


def _why_unreachable(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "name not found"
        case aiohttp.ClientConnectorSSLError():
            return "no TLS"
        case aiohttp.ConnectionTimeoutError():
            return "no connection in time"
        case aiohttp.InvalidURL():
            return "bad address"
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, ConnectionRefusedError):
            return "connection refused"
        case _:
            return "no connection"
