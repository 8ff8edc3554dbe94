"""Whom to tell what: which troubles stand, which of them were told, and which messages follow from both.

A trouble is told once when it begins and once when it is over, by each channel. What was told is stored, so that a
restart repeats nothing; what nobody can know just after a start (is the login good?) changes nothing.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Trouble(StrEnum):
    """What a person has to know about."""

    AUTHORISATION = "authorisation_lost"
    GUARD = "guard_tripped"
    FIRST_SYNC = "first_sync_waiting"
    SILENT = "connection_silent"
    HELD = "held_above"
    TEST = "test"


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """One trouble of one account or connection, by its name."""

    trouble: Trouble
    subject: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a topic is seen now.

    Attributes:
        stands: whether there is trouble. since: since when (wall seconds), None for "since now".
        patience: seconds that it has to stand before anybody is told.
        count: records or writes concerned. cure: what to do, without personal data.
    """

    stands: bool
    since: float | None = None
    patience: float = 0.0
    count: int = 0
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A trouble that stands, or whose end somebody still has to be told.

    Attributes:
        since: when it began, wall seconds. told: the channels that know of it.
    """

    topic: Topic
    since: float
    told: frozenset[str] = frozenset()

    def heard(self, channel: str, *, over: bool) -> "Notice":
        """The same after a channel was told of its begin, or of its end."""
        return replace(self, told=self.told - {channel} if over else self.told | {channel})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one notice.

    Attributes:
        instance: which daemon it is. over: whether the trouble has ended. at: when that was seen, wall seconds.
    """

    instance: str
    topic: Topic
    over: bool
    since: float
    at: float
    count: int = 0
    cure: str = ""

    @property
    def id(self) -> str:
        """The same whenever this is told, also after a restart in the middle of it."""
        return self._id(over=self.over)

    @property
    def answers(self) -> str:
        """For an end: the id of the message that told of the begin."""
        return self._id(over=False) if self.over else ""

    def _id(self, *, over: bool) -> str:
        said = f"{self.instance}/{self.topic.trouble}/{self.topic.subject}/{self.since!r}/{over}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def text(self) -> str:
        """What happened, in one sentence."""
        words = _OVER if self.over else _STANDS
        return words[self.topic.trouble].format(name=self.topic.subject, count=self.count, since=_moment(self.since))

    @property
    def do_now(self) -> str:
        """What to do, in one sentence."""
        if self.over or self.topic.trouble is Trouble.TEST:
            return "nothing"
        return self.cure or _CURES[self.topic.trouble].format(name=self.topic.subject)

    def as_json(self) -> dict[str, Any]:
        """The document that a webhook is sent."""
        about = "account" if self.topic.trouble is Trouble.AUTHORISATION else "connection"
        return {
            "id": self.id,
            "type": self.topic.trouble.value,
            "state": "recovered" if self.over else "broken",
            **({} if self.topic.trouble is Trouble.TEST else {about: self.topic.subject}),
            "since": _moment(self.since),
            "timestamp": _moment(self.at),
            "count": self.count,
            "text": self.text,
            "do_now": self.do_now,
            "service": "zohosyncd",
            "instance": self.instance,
        }


_STANDS = {
    Trouble.AUTHORISATION: "account {name} is no longer authorised: its connections wait",
    Trouble.GUARD: "the guard of connection {name} stopped {count} writes until somebody approves them",
    Trouble.FIRST_SYNC: "the first sync of connection {name} waits for approval",
    Trouble.SILENT: "connection {name} has had no good run since {since}",
    Trouble.HELD: "connection {name} holds {count} records for a person's decision",
    Trouble.TEST: "this is a test: messages of zohosyncd arrive",
}
_OVER = {
    Trouble.AUTHORISATION: "account {name} works again, or is no longer used",
    Trouble.GUARD: "nothing of connection {name} is stopped by the guard any more",
    Trouble.FIRST_SYNC: "the first sync of connection {name} waits no longer",
    Trouble.SILENT: "connection {name} runs again, or is no longer used",
    Trouble.HELD: "connection {name} holds {count} records, no more than it may",
    Trouble.TEST: "this is a test: messages of zohosyncd arrive",
}
_CURES = {
    Trouble.AUTHORISATION: "authorise it again: `zohosyncd status` says how",
    Trouble.GUARD: "look at `zohosyncd approve {name} --show`, then approve them",
    Trouble.FIRST_SYNC: "look at `zohosyncd plan {name}`, then `zohosyncd approve {name}`",
    Trouble.SILENT: "`zohosyncd status` says why it waits",
    Trouble.HELD: "decide about them: `zohosyncd held {name}`",
}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Due:
    """What follows: notices that are new, topics that are forgotten, and by channel what to tell now."""

    new: list[Notice] = field(default_factory=list)
    gone: list[Topic] = field(default_factory=list)
    messages: dict[str, list[tuple[Notice, Message]]] = field(default_factory=dict)


def due(
    known: Mapping[Topic, Notice],
    seen: Mapping[Topic, Standing],
    *,
    channels: Collection[str],
    instance: str,
    now: float,
) -> Due:
    """What to store and whom to tell.

    Args:
        known: the stored notices. seen: how topics stand; what is not in it is not known now, and stays as it is.
        channels: by name, those that there are. instance: of the daemon. now: wall seconds.
    """
    found = Due(messages={name: [] for name in channels})
    for topic, standing in sorted(seen.items(), key=lambda item: item[0]):
        notice = known.get(topic)
        if notice is None:
            if not standing.stands:
                continue
            notice = Notice(topic, now if standing.since is None else min(standing.since, now))
            found.new.append(notice)
        told = notice.told & frozenset(channels)
        if not standing.stands and not told:
            found.gone.append(topic)
            continue
        if standing.stands and now - notice.since < standing.patience:
            continue
        message = Message(instance, topic, not standing.stands, notice.since, now, standing.count, standing.cure)
        for name in told if message.over else frozenset(channels) - told:
            found.messages[name].append((notice, message))
    return found
