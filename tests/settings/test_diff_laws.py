"""Laws of the difference between two configurations, for any two: it is a pure value, and says all that matters."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.settings.conftest import BookOptions
from zohosyncd.settings import Account, Connection, OAuthClient, SecretRef, Service, Settings, diff, in_force

ACCOUNTS, CONNECTIONS = ("ann", "ben", "cleo"), ("one", "two", "three", "four")
PLACES = [(left, right) for left in ACCOUNTS for right in ACCOUNTS if left != right]


@cache
def account(name: str, user: str, word: str) -> Account:
    options = BookOptions(url="https://x.example/", username=user, password=SecretRef("file", "word"))
    return Account(name, "book", options, word)


@cache
def connection(name: str, place: tuple[str, str], every: str, enabled: bool) -> Connection:
    left, right = ({"account": each} for each in place)
    return Connection(name=name, left=left, right=right, every=every, enabled=enabled)


@cache
def service(level: str, listen: str) -> Service:
    return Service(state_key=SecretRef("file", "key"), state="/s/state.db", log_level=level, listen=listen)


@cache
def client(name: str) -> OAuthClient:
    return OAuthClient(client_id=name, client_secret=SecretRef("env", "C"))


@st.composite
def configurations(draw: st.DrawFn) -> Settings:
    """Any configuration whose connections name accounts that it has."""
    names = draw(st.sets(st.sampled_from(ACCOUNTS), min_size=2))
    accounts = {name: account(name, draw(st.sampled_from("ab")), draw(st.sampled_from("xy"))) for name in names}
    places = [place for place in PLACES if names.issuperset(place)]
    connections = {
        name: connection(name, draw(st.sampled_from(places)), draw(st.sampled_from(("5s", "9s"))), draw(st.booleans()))
        for name in draw(st.sets(st.sampled_from(CONNECTIONS)))
    }
    made = service(draw(st.sampled_from(("info", "debug"))), draw(st.sampled_from(("127.0.0.1:1", "127.0.0.1:2"))))
    clients = {"c": client(draw(st.sampled_from("ab")))}
    return Settings(Path("/etc/z"), made, clients, accounts, connections, draw(st.sampled_from("kl")))


def running(found: Settings) -> Mapping[str, tuple[Any, ...]]:
    """What runs under a configuration, as far as anybody could tell it from something else."""
    return {
        name: (each, *(found.accounts[name] for name in sorted(each.accounts)))
        for name, each in found.connections.items()
        if each.enabled
    }


@settings(max_examples=40)
@given(configurations(), configurations())
def test_exactly_what_would_run_otherwise_is_touched(old: Settings, new: Settings) -> None:
    change = diff(old, new)
    before, after = running(old), running(new)
    same = {name for name in before.keys() & after.keys() if before[name] == after[name]}
    assert change.connections.kept - change.reopened == same
    assert change.connections.added == after.keys() - before.keys()
    assert change.connections.removed == before.keys() - after.keys()
    assert change.connections.changed.keys() | change.reopened == (before.keys() & after.keys()) - same


@settings(max_examples=40)
@given(configurations(), configurations())
def test_every_name_is_in_one_place(old: Settings, new: Settings) -> None:
    change = diff(old, new)
    for found, names in (
        (change.accounts, old.accounts.keys() | new.accounts.keys()),
        (change.connections, running(old).keys() | running(new).keys()),
    ):
        parts = [found.added, found.removed, found.changed.keys(), found.kept]
        assert sorted(each for part in parts for each in part) == sorted(names)
    assert change.reopened <= change.connections.kept
    assert all(keys for each in (change.accounts, change.connections) for keys in each.changed.values())


@settings(max_examples=40)
@given(configurations(), configurations())
def test_turned_round_it_is_the_way_back(old: Settings, new: Settings) -> None:
    there, back = diff(old, new), diff(new, old)
    for one, other in ((there.accounts, back.accounts), (there.connections, back.connections)):
        assert (one.added, one.removed, one.kept) == (other.removed, other.added, other.kept)
        assert one.changed.keys() == other.changed.keys()
    assert there.reopened == back.reopened
    assert set(there.service_restart) == set(back.service_restart)


@settings(max_examples=40)
@given(configurations(), configurations())
def test_it_is_empty_only_between_equals_and_starting_is_the_difference_from_nothing(
    old: Settings, new: Settings
) -> None:
    assert bool(diff(old, new)) == (old != new and (running(old) != running(new) or _beside(old) != _beside(new)))
    assert diff(None, new).connections.added == running(new).keys()
    assert diff(None, new).accounts.added == new.accounts.keys()
    assert not diff(None, new).service_restart


@settings(max_examples=40)
@given(configurations(), configurations())
def test_in_force_is_all_that_needs_no_restart_and_the_rest_is_told_until_then(old: Settings, new: Settings) -> None:
    now = in_force(old, new)
    assert (now.accounts, now.connections) == (new.accounts, new.connections)
    assert now.service.log_level == new.service.log_level
    assert now.service.listen == old.service.listen
    assert diff(old, now).service_restart == ()
    assert diff(now, new).service_restart == diff(old, new).service_restart
    assert not diff(now, new).connections
    assert not diff(now, new).accounts


def _beside(found: Settings) -> tuple[Any, ...]:
    """What runs under no connection."""
    return found.accounts, found.service, found.oauth_clients, found.service_fingerprint
