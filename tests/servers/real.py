"""Real CardDAV servers in processes of their own: Radicale and Xandikos, as their packages ship them."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from dulwich.index import index_entry_from_stat
from dulwich.objects import Blob
from dulwich.repo import Repo

USER, PASSWORD = "ann", "secret-of-ann"


@dataclass(frozen=True)
class Book:
    """An address book on a running server, and a person's own client for it."""

    url: str
    path: str
    http: aiohttp.ClientSession

    async def put(self, name: str, card: str) -> None:
        headers = {"Content-Type": "text/vcard; charset=utf-8"}
        async with self.http.put(f"{self.url}{self.path}{name}", data=card.encode(), headers=headers) as answer:
            assert answer.status in (200, 201, 204), (answer.status, await answer.text())

    async def get(self, name: str) -> str:
        async with self.http.get(f"{self.url}{self.path}{name}") as answer:
            assert answer.status == 200, answer.status
            return (await answer.read()).decode()

    async def delete(self, name: str) -> None:
        async with self.http.delete(f"{self.url}{self.path}{name}") as answer:
            assert answer.status in (200, 204), answer.status

    async def names(self) -> list[str]:
        body = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
        async with self.http.request(
            "PROPFIND", f"{self.url}{self.path}", data=body, headers={"Depth": "1", "Content-Type": "application/xml"}
        ) as answer:
            assert answer.status == 207, answer.status
            text = await answer.text()
        import re

        hrefs = re.findall(r"<(?:\w+:)?href>([^<]+)</", text)
        return sorted(href.rpartition("/")[2] for href in hrefs if not href.endswith("/"))

    async def cards(self) -> dict[str, str]:
        return {name: await self.get(name) for name in await self.names()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def radicale(folder: Path, cards: Iterable[tuple[str, str]] = ()) -> AsyncIterator[Book]:
    """Radicale with one book; its folder is filled before it starts, one file a card, as it stores them itself."""
    port, root = free_port(), folder / "radicale"
    book = root / "collections/collection-root" / USER / "contacts"
    book.mkdir(parents=True)
    (book / ".Radicale.props").write_text('{"tag": "VADDRESSBOOK", "D:displayname": "Contacts"}')
    _fill(book, cards)
    (root / "users").write_text(f"{USER}:{PASSWORD}\n")
    config = root / "config"
    config.write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\nmax_connections = 40\n"
        f"[auth]\ntype = htpasswd\nhtpasswd_filename = {root}/users\nhtpasswd_encryption = plain\ndelay = 0\n"
        f"[storage]\nfilesystem_folder = {root}/collections\n[logging]\nlevel = warning\n"
    )
    command = (sys.executable, "-m", "radicale", "--config", str(config))
    login = {"Authorization": aiohttp.encode_basic_auth(USER, PASSWORD)}
    async with _running(command, port), aiohttp.ClientSession(headers=login) as http:
        yield Book(f"http://127.0.0.1:{port}", f"/{USER}/contacts/", http)


@asynccontextmanager
async def xandikos(folder: Path, cards: Iterable[tuple[str, str]] = ()) -> AsyncIterator[Book]:
    """Xandikos with its default book, which is filled before it starts as one commit of the book's git repository."""
    port, root = free_port(), folder / "xandikos"
    _commit(root / "user/contacts/addressbook", cards)
    command = (
        str(Path(sys.executable).parent / "xandikos"), "-d", str(root), "--defaults",
        "--current-user-principal", "/user/", "--listen-address", "127.0.0.1", "--port", str(port),
    )  # fmt: skip
    async with _running(command, port), aiohttp.ClientSession() as http:
        yield Book(f"http://127.0.0.1:{port}", "/user/contacts/addressbook/", http)


def _fill(folder: Path, cards: Iterable[tuple[str, str]]) -> None:
    for name, card in cards:
        (folder / name).write_bytes(card.encode())


def _commit(folder: Path, cards: Iterable[tuple[str, str]]) -> None:
    folder.mkdir(parents=True)
    files = [*cards, (".xandikos", "[DEFAULT]\ntype = addressbook\ndisplayname = Contacts\n")]
    _fill(folder, files)
    with Repo.init(str(folder)) as repo:
        index = repo.open_index()
        for name, _ in files:
            blob = Blob.from_string((folder / name).read_bytes())
            repo.object_store.add_object(blob)
            index[name.encode()] = index_entry_from_stat((folder / name).lstat(), blob.id)
        index.write()
        who = b"Ann <ann@example.com>"
        repo.get_worktree().commit(message=b"cards", tree=index.commit(repo.object_store), author=who, committer=who)


@asynccontextmanager
async def _running(command: tuple[str, ...], port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                assert process.returncode is None, f"{command} ended with {process.returncode}"
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                break
        else:
            raise AssertionError(f"{command} does not answer")
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
