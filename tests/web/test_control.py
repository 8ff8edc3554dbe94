"""The control socket: what arrives at the other end, and what is refused."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from zohosyncd.core.errors import AuthLost, SettingsError, SettingsProblems, SyncError, Unavailable, UsageError
from zohosyncd.settings import SecretError
from zohosyncd.web.client import NobodyThere, answers, ask
from zohosyncd.web.control import open_control
from zohosyncd.web.wire import LARGEST_REQUEST, DaemonBug, Request, read_answer, write_error, write_request


class Scripted:
    """Commands that answer, fail or wait as a test wants."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.finished: list[str] = []
        self.go = asyncio.Event()
        self.pages, self.told, self.ended, self.selected = 3, 0, False, 0

    async def status(self) -> dict[str, Any]:
        if self.failure is not None:
            raise self.failure
        return {"ready": True, "name": "Жанна"}

    async def plan(self, connection: str, tell: Any) -> dict[str, Any]:
        try:
            for number in range(self.pages):
                await tell([{"page": number} | ({"more": "x" * 10_000} if self.pages > 100 else {})])
                self.told += 1
        finally:
            self.ended = True
        return {"told": self.pages}

    async def sync(self, connection: str, selection: Any = None, tell: Any = None) -> dict[str, Any]:
        if selection is not None:
            self.selected = len(selection.chosen.left)
        await self.go.wait()
        self.finished.append(connection)
        return {connection: {}}

    async def held(self, connection: str | None) -> dict[str, Any]:
        return {"held": [], "of": connection}


@asynccontextmanager
async def control(folder: Path) -> AsyncIterator[tuple[Scripted, Path]]:
    commands, path = Scripted(), folder / "control.sock"
    async with open_control(commands, path):  # type: ignore[arg-type]
        yield commands, path


async def test_a_command_is_answered(tmp_path: Path) -> None:
    async with control(tmp_path) as (_, path):
        assert await answers(path)
        assert await ask(path, "status", {}) == {"ready": True, "name": "Жанна"}
        assert await ask(path, "held", {"connection": None}) == {"held": [], "of": None}
        assert await ask(path, "held", {"connection": "a"}) == {"held": [], "of": "a"}


async def test_only_owner_and_group_may_use_the_socket_and_it_goes_with_the_daemon(tmp_path: Path) -> None:
    async with control(tmp_path) as (_, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert not path.exists()
    assert not await answers(path)
    with pytest.raises(NobodyThere):
        await ask(path, "status", {})


async def test_an_error_arrives_as_what_it_was(tmp_path: Path) -> None:
    async with control(tmp_path) as (commands, path):
        commands.failure = AuthLost("the login is refused", hint="authorise zoho again")
        with pytest.raises(AuthLost) as caught:
            await ask(path, "status", {})
        assert (caught.value.message, caught.value.hint) == ("the login is refused", "authorise zoho again")
        commands.failure = KeyError("ann@example.org")
        with pytest.raises(DaemonBug, match="this is a bug in the daemon: KeyError") as bug:
            await ask(path, "status", {})
        assert "ann@" not in str(bug.value)


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("sttus", {}, "did you mean status"),
        ("sync", {}, "connection is missing"),
        ("held", {"conection": "x"}, "unknown argument: conection"),
        ("held", {"connection": "x" * 2000}, "too long"),
        ("__init__", {}, "no such command"),
    ],
)
async def test_what_is_not_understood_is_refused(
    tmp_path: Path, command: str, arguments: dict[str, str], message: str
) -> None:
    async with control(tmp_path) as (_, path):
        with pytest.raises(UsageError, match=message):
            await ask(path, command, arguments)


@pytest.mark.parametrize("line", [b"hello\n", b"[]\n", b'{"command": 1}\n', b'{"command": "held", "arguments": []}\n'])
async def test_a_line_that_is_no_request_is_refused(tmp_path: Path, line: bytes) -> None:
    async with control(tmp_path) as (_, path), await anyio.connect_unix(path) as stream:
        await stream.send(line)
        with pytest.raises(UsageError, match="not understood"):
            read_answer(await stream.receive())


async def test_a_request_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    async with control(tmp_path) as (_, path), await anyio.connect_unix(path) as stream:
        await stream.send(b"x" * (LARGEST_REQUEST + 1))
        with pytest.raises(UsageError, match="longer than"):
            read_answer(await stream.receive())


async def test_a_command_goes_on_when_its_caller_has_gone(tmp_path: Path) -> None:
    async with control(tmp_path) as (commands, path):
        with anyio.move_on_after(0.1):
            await ask(path, "sync", {"connection": "a"})
        commands.go.set()
        await ask(path, "sync", {"connection": "b"})
        assert commands.finished == ["a", "b"]


async def test_a_daemon_that_ends_is_noticed(tmp_path: Path) -> None:
    async with anyio.create_task_group() as tasks, control(tmp_path) as (_, path):

        async def wait() -> None:
            with pytest.raises(Unavailable, match="ended before it answered"):
                await ask(path, "sync", {"connection": "a"})

        tasks.start_soon(wait)
        await anyio.sleep(0.1)


async def test_a_socket_that_nobody_answers_on_is_replaced(tmp_path: Path) -> None:
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(tmp_path / "control.sock"))
    left_over.close()
    async with control(tmp_path) as (_, path):
        assert await answers(path)


async def test_another_daemon_on_the_socket_is_left_alone(tmp_path: Path) -> None:
    async with control(tmp_path) as (_, path):
        with pytest.raises(UsageError, match="another daemon answers"):
            async with control(tmp_path):
                pass
        assert await answers(path)


async def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "control.sock").write_text("mine")
    with pytest.raises(UsageError, match="another file stands there"):
        async with control(tmp_path):
            pass
    assert (tmp_path / "control.sock").read_text() == "mine"


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("x" * 120, "path is too long")])
async def test_a_socket_that_cannot_be_made_names_its_key(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        async with control(tmp_path / name):
            pass
    assert "[service] control" in caught.value.hint


def test_all_mistakes_of_a_configuration_arrive() -> None:
    mistakes = [SettingsError("is unknown", file="a.toml", key="b", line=3), SettingsError("is empty", file="c.toml")]
    with pytest.raises(SettingsProblems) as caught:
        read_answer(write_error(SettingsProblems(mistakes)))
    assert [str(each) for each in caught.value.problems] == ["a.toml:3: b: is unknown", "c.toml: is empty"]


def test_a_finer_error_arrives_as_the_nearest_known_one() -> None:
    with pytest.raises(SyncError, match="no file x"):
        read_answer(write_error(SecretError("no file x")))


async def test_a_command_tells_more_than_its_answer_and_hears_more_than_its_arguments(tmp_path: Path) -> None:
    heard: list[Any] = []

    async def hear(lines: Sequence[Any]) -> None:
        heard.append(list(lines))

    async with control(tmp_path) as (commands, path):
        assert await ask(path, "plan", {"connection": "a"}, hear=hear) == {"told": 3}
        assert heard == [[{"page": 0}], [{"page": 1}], [{"page": 2}]]
        assert await ask(path, "plan", {"connection": "a"}) == {"told": 3}
        commands.go.set()
        digests = [[f"{number:032x}"] * 900 for number in range(3)]
        arguments = {"connection": "a", "instance": "i", "meaning": "m"}
        assert await ask(path, "sync", arguments, say=digests) == {"a": {}}
        assert commands.selected == 2_700


async def test_who_hangs_up_ends_what_was_only_told(tmp_path: Path) -> None:
    async with control(tmp_path) as (commands, path):
        commands.pages = 10_000
        async with await anyio.connect_unix(path) as stream:
            await stream.send(write_request(Request("plan", {"connection": "a"})))
            await stream.receive(100)
        with anyio.fail_after(20):
            while not commands.ended:
                await asyncio.sleep(0.01)
        assert commands.told < 10_000


async def test_what_belongs_to_a_command_has_to_arrive(tmp_path: Path) -> None:
    async with control(tmp_path) as (_, path), await anyio.connect_unix(path) as stream:
        arguments = {"connection": "a", "instance": "i", "meaning": "m"}
        await stream.send(write_request(Request("sync", arguments)) + b'{"no": "part"}\n')
        with pytest.raises(UsageError, match="what follows the request is not understood"):
            read_answer(await stream.receive())
