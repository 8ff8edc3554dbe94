"""What a connector is opened with, and how the registry knows it."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from zohosyncd.connectors.needs import Need
from zohosyncd.connectors.offers import Offers
from zohosyncd.core.errors import Unavailable
from zohosyncd.ports.connector import Connector
from zohosyncd.ports.push import Hook
from zohosyncd.ports.world import Clock, Entropy
from zohosyncd.settings.accounts import AccountOptions
from zohosyncd.settings.secrets import Secret, SecretRef
from zohosyncd.transport.account_budget import AccountBudget
from zohosyncd.transport.auth import Auth
from zohosyncd.transport.client import Client
from zohosyncd.transport.consent import Consent, OAuthApp
from zohosyncd.transport.judge import Judge, by_status
from zohosyncd.transport.limits import Gate, Limits
from zohosyncd.transport.observer import CallObserver, Unobserved
from zohosyncd.transport.sender import LocalSender, Sender
from zohosyncd.transport.token_shelf import Shelf


def _no_consent() -> None:
    return None


async def _not_kept(_consent: Consent) -> None:
    """Nobody keeps it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The world as a connector may use it.

    Attributes:
        account: the account's name, for logs, metrics and hints.
        sender, clock, entropy: the seams; a test or a simulation hands in its own.
        secret: reads a secret by its reference; raises SecretError.
        observer: is told about every request.
        shelf: keeps access tokens across restarts; None keeps nothing.
        consent: what the command ``auth`` has stored for the account, None for nothing and where the file names a
            newer ``refresh_token``.
        budget: the account's credits, for apps that count them.
        opened: is handed the gate that all calls of the account pass.
        keep_consent: keeps another consent in place of that one, durably: refresh tokens may be good once; raises
            StateError. turn: whoever shows the account's refresh token does so in turn.
    """

    account: str
    sender: Sender
    clock: Clock
    entropy: Entropy
    secret: Callable[[SecretRef], Secret]
    observer: CallObserver = field(default_factory=Unobserved)
    shelf: Shelf | None = None
    consent: Callable[[], Consent | None] = _no_consent
    budget: AccountBudget | None = None
    opened: Callable[[Gate], None] = field(default=lambda _gate: None)
    keep_consent: Callable[[Consent], Awaitable[None]] = _not_kept
    turn: Callable[[], AbstractAsyncContextManager[object, None]] = nullcontext

    def client(
        self,
        login: Auth,
        origins: Iterable[str],
        options: AccountOptions,
        *,
        judge: Judge = by_status,
        heavy: int | None = None,
        heavy_per_second: float | None = None,
        credits_left: str = "",
    ) -> Client:
        """The account's client, within the limits that its keys set.

        Args:
            login, origins, judge, credits_left: as in :class:`Client`.
            heavy: most calls at once that the app calls heavy. heavy_per_second: most of them started per second.
        """
        proofs = " and ".join(options.secrets())
        made = Client(
            self.account,
            LocalSender(self.sender) if options.allow_loopback else self.sender,
            login,
            origins=origins,
            clock=self.clock,
            entropy=self.entropy,
            limits=Limits(options.concurrency, options.requests_per_second, options.timeout, heavy, heavy_per_second),
            judge=judge,
            observer=self.observer,
            budget=self.budget,
            credits_left=credits_left,
            cure=f"check the login of account {self.account}" + (f": its {proofs}" if proofs else ""),
        )
        self.opened(made.gate)
        return made


@dataclass(frozen=True, slots=True)
class ConnectorSpec:
    """An app that we can sync.

    Attributes:
        name: the app's name as account files say it.
        title: its name for people.
        options: the model of its account keys.
        open: makes the connector of one account; no request is sent before its first call. Its first argument is an
            instance of ``options``.
        offers: what its accounts have for rules, consent and deletions.
        hook: how its requests to our bells are read, None where the app does not ring.
        oauth: how a consent is asked for, from ``options`` and from what the connections need; None where accounts
            have a password or a key, and answers None for an account that has.
        speaks: the version of the connector port (``ports.connector.PORT_VERSION``) that a plug-in was written for,
            as a number of its own; None for our own, which change with the port.
        unusable: why an app that somebody's plug-in brings cannot be used; None for all others.
    """

    name: str
    title: str
    options: type[AccountOptions]
    open: Callable[[Any, Tools], Connector]
    offers: Offers = field(default_factory=Offers)
    hook: Hook | None = None
    oauth: Callable[[Any, Sequence[Need]], OAuthApp | None] | None = None
    speaks: int | None = None
    unusable: Unavailable | None = None
