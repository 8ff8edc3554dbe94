"""What a login server has given: consents, access tokens and codes. The world's clock ends them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from .oauth_habits import Access, Habits


@dataclass(slots=True)
class LoginGrant:
    """What somebody has consented to.

    Attributes:
        access: what its tokens open. refresh: the refresh token that counts, "" where none was given.
        used: when it was used last. replaced: earlier refresh tokens and until when each stays good.
        live: its access tokens. public: whoever shows its refresh token shows no secret.
    """

    access: Access
    refresh: str = ""
    used: float = 0.0
    replaced: dict[str, float] = field(default_factory=dict)
    live: list[str] = field(default_factory=list)
    public: bool = False


@dataclass(frozen=True, slots=True)
class LoginCode:
    """A code of the consent page. ``renewable``: whether it gives a refresh token."""

    access: Access
    until: float
    redirect_uri: str
    challenge: str
    method: str
    renewable: bool


@dataclass(slots=True)
class DeviceCode:
    """A device that waits for a person. ``grant``: None until they have said yes; ``denied``: they have said no."""

    client: str
    scopes: frozenset[str]
    user_code: str
    until: float
    interval: float
    polled: float = float("-inf")
    grant: LoginGrant | None = None
    denied: bool = False


class Grants:
    """Everything that was given and has not ended.

    Args:
        now: the world's clock. habits: of the vendor.
    """

    def __init__(self, now: Callable[[], float], seed: int, habits: Habits) -> None:
        self.now = now
        self.habits = habits
        self.codes: dict[str, LoginCode] = {}
        self.spent: dict[str, LoginGrant] = {}
        """Codes that were exchanged, with what they gave: one that comes again ends it (RFC 6749, 4.1.2)."""
        self.devices: dict[str, DeviceCode] = {}
        self.all: list[LoginGrant] = []
        self._alive: dict[str, tuple[float, Access]] = {}
        self._seed = seed
        self._count = count(1)

    def new(self, kind: str) -> str:
        """A text that nobody can guess, the same in every life of the same world."""
        return hashlib.sha256(f"{self._seed}/{kind}/{next(self._count)}".encode()).hexdigest()

    def access(self, token: str) -> Access | None:
        """What an access token opens now, None for nothing."""
        until, access = self._alive.get(token, (0.0, None))
        return access if until > self.now() else None

    def ends(self, token: str) -> float:
        """When an access token ends, in seconds since 1970; 0 for what is none."""
        return self._alive.get(token, (0.0, None))[0]

    def open(self, access: Access, *, renewable: bool) -> LoginGrant:
        """A new consent."""
        self.all = [each for each in self.all if each.refresh or any(map(self.access, each.live))]
        grant = LoginGrant(access, f"rt-{self.new('refresh')}" if renewable else "", self.now())
        self.all.append(grant)
        return grant

    def token(self, grant: LoginGrant, scopes: frozenset[str] | None = None) -> tuple[str, Access]:
        """Another access token; ``scopes``: fewer than the grant has."""
        now = self.now()
        access = grant.access if scopes is None else Access(grant.access.user, grant.access.client, scopes)
        token = self.habits.prefix + self.new("access")
        self._alive = {name: each for name, each in self._alive.items() if each[0] > now}
        self._alive[token] = (now + self.habits.life, access)
        grant.live = [*(each for each in grant.live if each in self._alive), token]
        return token, access

    def is_public(self, token: str) -> bool:
        """Whether a refresh token is shown without a secret."""
        return any(each.public for each in self.all if token and (token == each.refresh or token in each.replaced))

    def by_refresh(self, token: str) -> LoginGrant | None:
        """The grant of a refresh token that is good now; a token that was replaced may end its grant."""
        now, life = self.now(), self.habits.refresh_life
        for grant in self.all:
            if token and token == grant.refresh:
                return grant if life is None or now < grant.used + life else None
            if token in grant.replaced:
                if now < grant.replaced[token]:
                    return grant
                if self.habits.reuse_revokes:
                    self.end(grant)
                return None
        return None

    def renew(self, grant: LoginGrant) -> bool:
        """A refresh token was used; whether there is another one since."""
        grant.used = self.now()
        if self.habits.rotates:
            grant.replaced[grant.refresh] = grant.used + self.habits.overlap
            grant.refresh = f"rt-{self.new('refresh')}"
        return self.habits.rotates

    def end(self, grant: LoginGrant) -> None:
        """Its tokens open nothing any more."""
        for token in grant.live:
            self._alive.pop(token, None)
        if grant in self.all:
            self.all.remove(grant)

    def end_all(self, *, client: str = "", user: str = "") -> int:
        """People take the client out of their connected apps; how many did."""
        gone = [
            each for each in self.all if client in ("", each.access.client) and user.lower() in ("", each.access.user)
        ]
        for grant in gone:
            self.end(grant)
        return len(gone)

    def expire_access(self) -> None:
        """Every access token ends at once; refresh tokens stay."""
        self._alive.clear()
