"""Tells people of troubles and of their end: by webhook and by mail, beside the sync and never before it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio
import structlog
from anyio.abc import TaskGroup

from zohosyncd.core.errors import StateError, SyncError, UsageError
from zohosyncd.core.notices import Due, Message, Notice, Topic, Trouble, due
from zohosyncd.settings.notify import Notify
from zohosyncd.supervisor.messengers import Messenger, messengers
from zohosyncd.supervisor.standing import Watch

if TYPE_CHECKING:
    from zohosyncd.supervisor.daemon import Daemon

LOOK_SECONDS: Final = 10.0
_FIRST_WAIT: Final = 10.0
_LONGEST_WAIT: Final = 300.0
_LAST_SECONDS: Final = 5.0
"""How long a stop waits for a message that is under way, so that it is not sent again at the next start."""

_log = structlog.get_logger("zohosyncd.notify")


class Notices:
    """What people were told, and what they have to be told next.

    A message that fails is tried again as long as it is true, by its own channel: one that hangs holds up no other.
    """

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._watch = Watch(daemon)
        self._known: dict[Topic, Notice] = {}
        self._loaded = self._fails_to_look = False
        self._under_way: dict[str, anyio.CancelScope] = {}
        self._being_told: dict[str, set[Topic]] = {}
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    async def run(self) -> None:
        """Look and tell until cancelled."""
        async with anyio.create_task_group() as tasks:
            try:
                while True:
                    await self._daemon.world.clock.sleep(LOOK_SECONDS)
                    await self._try_to_look(tasks)
            finally:
                for scope in self._under_way.values():
                    scope.deadline = anyio.current_time() + _LAST_SECONDS

    async def _try_to_look(self, tasks: TaskGroup) -> None:
        """Look once; whatever goes wrong with it is told once, and is not the sync's business."""
        try:
            if not self._loaded:
                self._known = {each.topic: each for each in await self._daemon.store.notices()}
                self._loaded = True
            await self.look(tasks)
            self._fails_to_look = False
        except StateError as error:
            _log.debug("messages have to wait for the state", reason=error.message)
        except Exception:  # noqa: BLE001 - a bug in telling must not touch the sync
            if not self._fails_to_look:
                _log.exception("what is to be told cannot be found out: this is a bug")
            self._fails_to_look = True

    async def look(self, tasks: TaskGroup) -> None:
        """Look once, and have sent what is due."""
        notify = self._daemon.settings.notify
        if notify is None:
            return
        now = self._daemon.world.clock.now()
        found = messengers(notify, self._daemon.sender, self._daemon.stored.read)
        seen = await self._watch.look(notify, self._known)
        instance = str((await self._daemon.store.facts()).get("instance_id", ""))
        follows = due(self._known, seen, channels=list(found), instance=instance, now=now)
        await self._keep(follows)
        for name, waiting in follows.messages.items():
            if waiting and name not in self._under_way and self._not_before.get(name, 0.0) <= now:
                self._under_way[name] = anyio.CancelScope(shield=True)
                self._being_told[name] = {notice.topic for notice, _ in waiting}
                tasks.start_soon(self._tell, name, found[name], waiting)

    async def _keep(self, follows: Due) -> None:
        """Store what is new, forget what is over; not that of which somebody is just being told."""
        busy = frozenset[Topic]().union(*self._being_told.values())
        gone = [topic for topic in follows.gone if topic in self._known and topic not in busy]
        if follows.new or gone:
            await self._daemon.store.keep_notices(follows.new, gone)
        self._known |= {each.topic: each for each in follows.new}
        for topic in gone:
            del self._known[topic]

    async def _tell(self, name: str, messenger: Messenger, waiting: Sequence[tuple[Notice, Message]]) -> None:
        """Send what is due by one channel, one after the other; the first failure ends it."""
        try:
            with self._under_way[name]:
                for notice, message in waiting:
                    await messenger.send(message, self._daemon.world.clock.now())
                    await self._heard(notice.topic, name, over=message.over)
                    _log.info(
                        "told", channel=name, trouble=message.topic.trouble, of=message.topic.subject, over=message.over
                    )
                self._works(name)
        except SyncError as error:
            self._fails(name, error)
        except Exception:  # noqa: BLE001 - a bug in telling must not touch the sync
            _log.exception("a message failed by a bug", channel=name)
            self._fails(name, UsageError("a bug: see the log"))
        finally:
            del self._under_way[name], self._being_told[name]

    async def _heard(self, topic: Topic, channel: str, *, over: bool) -> None:
        """Remember it. What everybody knows to be over is forgotten at once: it may begin anew before the next look."""
        told = self._known[topic].heard(channel, over=over)
        others = (topics for name, topics in self._being_told.items() if name != channel)
        if over and not told.told and not any(topic in topics for topics in others):
            await self._daemon.store.keep_notices([], [topic])
            del self._known[topic]
            return
        self._known[topic] = told
        await self._daemon.store.keep_notices([told], [])

    def _works(self, name: str) -> None:
        if self._failures.pop(name, 0):
            _log.info("messages arrive again", channel=name)
        self._not_before.pop(name, None)

    def _fails(self, name: str, error: SyncError) -> None:
        failures = self._failures.get(name, 0)
        if not failures:
            _log.warning("messages cannot be sent", channel=name, reason=error.message, cure=error.hint)
        self._failures[name] = failures + 1
        wait = min(_FIRST_WAIT * 2.0 ** min(failures, 8), _LONGEST_WAIT)
        self._not_before[name] = self._daemon.world.clock.now() + wait

    async def test(self) -> dict[str, Any]:
        """Send a message by every channel now: what became of each.

        Raises:
            UsageError: the files name nobody.
        """
        notify, now = self._daemon.settings.notify, self._daemon.world.clock.now()
        found = messengers(notify or Notify(), self._daemon.sender, self._daemon.stored.read)
        if not found:
            hint = "add [notify.webhook] or [notify.mail] to zohosyncd.toml"
            raise UsageError("the configuration names nobody to tell", hint=hint)
        instance = str((await self._daemon.store.facts()).get("instance_id", ""))
        message = Message(instance, Topic(Trouble.TEST, ""), over=False, since=now, at=now)
        answers: dict[str, Any] = {}
        for name, messenger in found.items():
            try:
                await messenger.send(message, now)
                answers[name] = {"sent": True, "to": messenger.target, "reason": "", "cure": ""}
            except SyncError as error:
                answers[name] = {"sent": False, "to": messenger.target, "reason": error.message, "cure": error.hint}
        return {"channels": answers}


def _words(message: Message) -> dict[str, Any]:
    return {"trouble": message.topic.trouble.value, "of": message.topic.subject, "over": message.over}
