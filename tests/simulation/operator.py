"""Some stories have an operator: pauses, edited rules, another winner, pairs that are parted; and what must hold of it.

The operator has an own chance: the rest of a story is the same as it would be without.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random
from typing import Protocol

from tests.crash.virtual import VirtualClock
from tests.simulation.oracle import Told
from tests.simulation.process import Process
from zohosyncd.core.errors import SyncError
from zohosyncd.supervisor.daemon import Daemon
from zohosyncd.web.dispatch import perform


class Rules(Protocol):
    """What is configured beyond pairs."""

    holds: bool
    one: bool

    def text(self, connection: str) -> str: ...


@dataclass
class Operator:
    """Who gives commands while the daemon serves, and what they were told was done.

    Args:
        seed: decides whether there is anybody. clock: the world's. folder: the configuration. connections: their names.
        rules: what the connections' files say beside the rest.
    """

    seed: int
    clock: VirtualClock
    folder: Path
    connections: Sequence[str]
    rules: Rules
    pauses: list[tuple[float, float]] = field(default_factory=list)
    """From when until when nothing may have been written, in seconds of the story."""
    parted: set[tuple[str, str, str]] = field(default_factory=set)
    """Pairs whose parting was confirmed: connection, left and right record."""
    asked: set[tuple[str, str, str]] = field(default_factory=set)
    """The same, confirmed or not: the process may have died before it could answer."""
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(f"operator/{self.seed}")
        self.there = self.chance.random() < 0.4
        self._acts = (self._pause, self._resume, self._edit_rules, self._edit_winner, self._part, self._retry)

    async def work(self, daemon: Daemon, process: Process, before: Callable[[], None]) -> None:
        """Give a command now and then. ``before``: called before the rules are edited."""
        while self.there:
            await self.clock.sleep(self.chance.expovariate(1 / 10.0))
            act = self.chance.choice(self._acts)
            before()
            try:
                await act(daemon, process)
            except SyncError as error:
                self.done.append(f"{act.__name__}: {error.message}")
            else:
                self.done.append(act.__name__)

    async def go_home(self, daemon: Daemon) -> None:
        """Let everything write again."""
        if self.there:
            self._end_pause()
            await perform(daemon.commands, "resume", {})

    # --- commands ---------------------------------------------------------------------------------------------

    async def _pause(self, daemon: Daemon, process: Process) -> None:
        answer = await perform(daemon.commands, "pause", {})
        rests = all(each["at_rest"] for each in answer["paused"].values())
        everyone = set(answer["paused"]) == set(self.connections)
        if everyone and rests and not process.died and not (self.pauses and self.pauses[-1][1] == inf):
            self.pauses.append((self.clock.elapsed, inf))

    async def _resume(self, daemon: Daemon, process: Process) -> None:
        self._end_pause()
        await perform(daemon.commands, "resume", {})

    def _end_pause(self) -> None:
        if self.pauses and self.pauses[-1][1] == inf:
            self.pauses[-1] = (self.pauses[-1][0], self.clock.elapsed)

    async def _edit_rules(self, daemon: Daemon, process: Process) -> None:
        """The rule about titles comes or goes."""
        if not self.rules.holds:
            return
        old = {name: self.rules.text(name) for name in self.connections}
        self.rules.one = not self.rules.one
        for name in self.connections:
            self._rewrite(name, old[name], self.rules.text(name))
        await perform(daemon.commands, "reload", {})

    async def _edit_winner(self, daemon: Daemon, process: Process) -> None:
        name = self.chance.choice(list(self.connections))
        now, other = ("left", "right") if 'winner = "left"' in self._file(name).read_text() else ("right", "left")
        self._rewrite(name, f'winner = "{now}"', f'winner = "{other}"')
        await perform(daemon.commands, "reload", {})

    async def _part(self, daemon: Daemon, process: Process) -> None:
        if len(self.connections) > 2:
            return  # a third connection would still keep both the same
        name = self.chance.choice(list(self.connections))
        plan, _runner = await daemon.connection(name).prepare()
        links = await daemon.store.links_after(plan.id, 0, 100)
        if not links or self.chance.random() < 0.5:
            return
        link = self.chance.choice(list(links))
        pair = (name, link.left_id, link.right_id)
        self.asked.add(pair)
        await perform(
            daemon.commands, "unlink", {"connection": name, "left": f"{link.left_id}", "right": f"{link.right_id}"}
        )
        if not process.died:
            self.parted.add(pair)

    async def _retry(self, daemon: Daemon, process: Process) -> None:
        name = self.chance.choice(list(self.connections))
        held, refused = ("held", "reason", "retry_held"), ("quarantine", "code", "retry_quarantined")
        listed, why, again = self.chance.choice((held, refused))
        rows = (await perform(daemon.commands, listed, {"connection": name}))[listed]
        if rows:
            reason = self.chance.choice(sorted({each[why] for each in rows}))
            await perform(daemon.commands, again, {"connection": name, "reason": reason})

    def _file(self, connection: str) -> Path:
        return self.folder / f"connections.d/{connection}.toml"

    def _rewrite(self, connection: str, old: str, new: str) -> None:
        text = self._file(connection).read_text()
        assert old in text
        self._file(connection).write_text(text.replace(old, new))

    # --- the judge --------------------------------------------------------------------------------------------

    def tell(self, told: Told) -> None:
        """Whoever was parted has no counterpart for a reason."""
        for name, left, right in self.asked:
            told.ending.books[name].parted |= {("left", left), ("right", right)}

    def wrongs(self, told: Told) -> list[str]:
        """What was decided and does not hold."""
        found = [
            f"written at {each.executed:.1f}, though paused since {begin:.1f}: {each.method} {each.url}"
            for begin, end in self.pauses
            for each in told.exchanges
            if each.writes and begin < each.executed < end
        ]
        linked = {(name, *pair) for name, books in told.ending.books.items() for pair in books.links}
        return found + [f"parted by a person, and linked again: {each}" for each in sorted(self.parted & linked)]
