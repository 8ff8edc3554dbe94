"""Who there is: users, addresses, members and requests, and what of a member counts."""

from dataclasses import dataclass, field

STATUSES = ("enabled", "by_user", "by_bounces", "by_moderator", "unknown")
MODES = ("regular", "mime_digests", "plaintext_digests", "summary_digests")

Preferences = dict[str, object]
SITE: Preferences = {
    "acknowledge_posts": False,
    "delivery_mode": "regular",
    "delivery_status": "enabled",
    "receive_list_copy": True,
    "receive_own_postings": True,
    "preferred_language": "en",
}
"""What counts where nobody has said anything else."""


@dataclass(slots=True)
class User:
    """A person with a name of their own."""

    id: str
    name: str = ""
    made: float = 0.0
    preferences: Preferences = field(default_factory=dict)


@dataclass(slots=True)
class Address:
    """An address; ``email`` is in lower case, ``original`` as it was typed."""

    email: str
    original: str
    name: str = ""
    made: float = 0.0
    user: User | None = None
    verified: float | None = None
    preferences: Preferences = field(default_factory=dict)


@dataclass(slots=True)
class Member:
    """A subscription of an address to a list."""

    id: str
    list_id: str
    address: Address
    preferences: Preferences = field(default_factory=dict)
    moderation: str = ""

    @property
    def name(self) -> str:
        """The address's name, else its user's."""
        return self.address.name or (self.address.user.name if self.address.user is not None else "")

    def effective(self, name: str) -> object:
        """A preference: the member's own, its address's, its user's, or the site's."""
        user = self.address.user
        for level in (self.preferences, self.address.preferences, user.preferences if user is not None else {}):
            if level.get(name) is not None:
                return level[name]
        return SITE.get(name)


@dataclass(slots=True)
class Waiting:
    """A request that somebody has to confirm."""

    token: str
    list_id: str
    email: str
    name: str
    owner: str
    made: float
    preferences: Preferences = field(default_factory=dict)


@dataclass(slots=True)
class MailingList:
    """A list, its members by id and its requests by token."""

    list_id: str
    address: str
    members: dict[str, Member] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    banned: set[str] = field(default_factory=set)

    def roster(self) -> list[Member]:
        """The members by address."""
        return sorted(self.members.values(), key=lambda each: each.address.email)

    def with_address(self, email: str) -> Member | None:
        """The member with this address."""
        return next((each for each in self.members.values() if each.address.email == email.lower()), None)
