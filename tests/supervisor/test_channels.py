"""Channels of an account from opening to end, on made-up time, against the simulated Zoho."""

import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.inprocess import WorldSender
from tests.crash.virtual import SeededEntropy, VirtualClock, run
from zohosyncd.connectors.zoho_crm.ringing import HOOK
from zohosyncd.core.side import Side
from zohosyncd.pipeline.feed import ObjectFeed
from zohosyncd.ports.push import Ring
from zohosyncd.sandbox.carddav.app import CardDavApp
from zohosyncd.sandbox.config_folder import write_config
from zohosyncd.sandbox.wire import Outgoing
from zohosyncd.sandbox.world import World
from zohosyncd.sandbox.zoho.app import ZohoApp
from zohosyncd.sandbox.zoho.bells import Channel as ZohoChannel
from zohosyncd.supervisor.accounts import AccountUnit, Wish
from zohosyncd.supervisor.channels import Channels, Wanted
from zohosyncd.supervisor.daemon import Daemon, Seams, open_daemon
from zohosyncd.supervisor.doorbell import Doorbell, RingOutcome
from zohosyncd.supervisor.kept_channels import secret_name

ZOHO = "http://127.0.0.1:1"
PUBLIC = "https://sync.example.org"
HOUR, DAY = 3600.0, 86_400.0


class Life:
    """One life of the daemon's account, of which a test does every step itself."""

    def __init__(self, house: "House", daemon: Daemon, public_url: str | None) -> None:
        self.house, self.daemon = house, daemon
        self.outcomes: list[RingOutcome] = []
        self.started: list[str] = []
        self.doorbell = None if public_url is None else Doorbell(public_url, house.clock, self.outcomes.append)
        self.account: AccountUnit = daemon.account("zoho")
        self.wanted = Wanted(frozenset({"Contacts"}))
        self.channels = Channels(
            self.account, HOOK, self.doorbell, daemon.world, lambda: self.wanted, self.started.append
        )
        house.world.post = self.heard

    async def feed(self) -> ObjectFeed:
        schema = await self.account.connector.schema("Contacts")
        return await self.account.feed("Contacts", "c", Wish.of(["Email"], schema, ["email"], "DE", Side.LEFT))

    def heard(self, letter: Outgoing) -> None:
        assert self.doorbell is not None
        path = "/hooks/" + letter.url.partition("/hooks/")[2]
        self.doorbell.answer(path, Ring("POST", letter.url, body=letter.body, at=self.house.clock.now()))

    async def tend(self, after: float = 0.0) -> float:
        await self.house.clock.sleep(after)
        self.house.world.settle()
        return await self.channels.tend()

    @property
    def shown(self) -> dict[str, Any]:
        (each,) = self.channels.status()
        return each


class House:
    """A simulated Zoho, a folder with state, and time."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.clock = VirtualClock()
        self.folder = folder
        shutil.copytree(template, folder, dirs_exist_ok=True)
        self.world = World(self.clock, 1)
        self.zoho = ZohoApp(self.world.time, 1, ZOHO)
        self.world.add(self.zoho)
        self.world.add(CardDavApp(self.world.time, 1, users={"ann": "sandbox-password"}))
        self.sender = WorldSender(self.world, self.clock)
        self._lives = 0
        for file in folder.rglob("*.toml"):
            file.write_text(file.read_text().replace(str(template), str(folder)))

    def live(self, story: Callable[[Life], Awaitable[None]], public_url: str | None = PUBLIC) -> None:
        async def life() -> None:
            self._lives += 1
            seams = Seams(self.clock, SeededEntropy(self._lives), self.sender, inline_storage=True)
            async with open_daemon(self.folder, serving=False, seams=seams) as daemon:
                self.here = Life(self, daemon, public_url)
                await self.here.feed()
                await story(self.here)

        run(self.clock, life())

    @property
    def known(self) -> Mapping[str, ZohoChannel]:
        """The channels that Zoho has now."""
        self.zoho.bells.live()
        return self.zoho.bells.channels

    @property
    def only(self) -> ZohoChannel:
        (channel,) = self.known.values()
        return channel

    def person(self) -> str:
        answer = self.zoho.edit({"object": "Contacts", "create": {"Last_Name": "Doe", "Email": "doe@example.org"}})
        self.world.settle()
        return str(answer["id"])

    def calls(self, method: str) -> list[str]:
        return [each.url for each in self.sender.sent if each.method == method and "/actions/watch" in each.url]

    def fail(self, **rule: Any) -> None:
        self.world.faults.replace("zoho_crm", [{"path": "/crm/v8/actions/watch", **rule}] if rule else [])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty state: migrations take longer than any of these lives."""
    folder = tmp_path_factory.mktemp("template")
    write_config(folder, ZOHO)

    async def make() -> None:
        async with open_daemon(folder, serving=False, seams=Seams(VirtualClock(), inline_storage=True)):
            pass

    run(VirtualClock(), make())
    return folder


@pytest.fixture
def house(tmp_path: Path, template: Path) -> House:
    return House(tmp_path, template)


def test_a_channel_is_asked_for_less_than_a_week_and_granted_as_asked(house: House) -> None:
    async def story(life: Life) -> None:
        await life.tend()
        left = house.only.expires - house.clock.now()
        assert 5 * DAY < left < 7 * DAY, "a second more than a week would be an hour"
        assert house.only.events == {"Contacts": {"all"}}
        assert not house.only.values
        assert not house.only.related
        assert house.only.url.startswith(f"{PUBLIC}/hooks/zoho/")
        assert len(house.only.token or "") == 32

    house.live(story)


@pytest.mark.parametrize("hours", [-72, 30])
def test_a_clock_that_is_days_wrong_still_gets_days(house: House, hours: int) -> None:
    house.zoho.crm.setup.skew = hours * HOUR

    async def story(life: Life) -> None:
        await life.tend()
        left = house.only.expires - house.zoho.crm.now()
        assert 5 * DAY < left < 7 * DAY
        assert abs(life.shown["expires_in_seconds"] - left) < 5

    house.live(story)


def test_it_is_prolonged_at_half_of_its_life_and_not_before(house: House) -> None:
    async def story(life: Life) -> None:
        pause = await life.tend()
        assert pause <= HOUR
        first = house.only
        before = first.expires
        await life.tend(after=2.9 * DAY)
        assert house.calls("PATCH") == []
        await life.tend(after=0.2 * DAY)
        assert len(house.calls("PATCH")) == 1
        assert house.only is first
        assert house.only.expires >= before + 3 * DAY - 1
        for _ in range(10):
            await life.tend(after=3.1 * DAY)
            assert house.known, "it never ends"

    house.live(story)


def test_what_the_app_grants_counts_and_not_what_was_asked_for(house: House) -> None:
    house.fail(
        method="POST", fault="status", status=201,
        body={"watch": [{"code": "SUCCESS", "status": "success", "message": "", "details": {"events": [{}]}}]},
    )  # fmt: skip

    async def story(life: Life) -> None:
        await life.tend()
        assert life.shown["expires_in_seconds"] == 3600, "nothing was said, so it is the least that Zoho gives"
        await life.tend(after=29 * 60)
        assert house.calls("PATCH") == []
        await life.tend(after=2 * 60)
        assert len(house.calls("PATCH")) == 1

    house.live(story)


def test_a_restart_adopts_the_channel_and_its_secret(house: House) -> None:
    async def first(life: Life) -> None:
        await life.tend()
        house.person()
        assert life.shown["state"] == "healthy"
        await life.tend()

    async def second(life: Life) -> None:
        await life.tend()
        assert len(house.calls("POST")) == 1
        assert life.shown["state"] == "healthy", "what was known of it is not forgotten"
        house.person()
        assert life.outcomes == [RingOutcome.RANG]

    house.live(first)
    house.live(second)


def test_secrets_stand_nowhere_in_clear(house: House) -> None:
    async def story(life: Life) -> None:
        await life.tend()
        assert await life.daemon.store.secret(secret_name("zoho")) is not None

    house.live(story)
    token, key = house.only.token or "", house.only.url.rpartition("/")[2]
    for file in house.folder.glob("state.db*"):
        assert token.encode() not in file.read_bytes()
        assert key.encode() not in file.read_bytes()


def test_a_crash_between_the_apps_answer_and_ours_leaves_one_channel(house: House) -> None:
    house.fail(method="POST", fault="reset", executed=True)

    async def first(life: Life) -> None:
        await life.tend()
        assert life.shown["reason"]

    async def second(life: Life) -> None:
        house.fail()
        await life.tend()
        assert len(house.known) == 1
        house.person()
        assert life.outcomes == [RingOutcome.RANG]

    house.live(first)
    assert len(house.known) == 1
    house.live(second)


def test_an_object_that_nobody_reads_any_more_loses_its_channel(house: House) -> None:
    async def story(life: Life) -> None:
        await life.tend()
        life.wanted = Wanted(frozenset(), sure=False)
        await life.tend()
        assert len(house.known) == 1, "a connection that is not prepared may still want it"
        life.wanted = Wanted()
        await life.tend()
        assert not house.known
        assert await life.daemon.store.secret(secret_name("zoho")) is None

    house.live(story)


def test_what_cannot_be_closed_now_is_closed_later_and_is_deaf_at_once(house: House) -> None:
    async def story(life: Life) -> None:
        await life.tend()
        house.fail(method="DELETE", fault="status", status=503)
        life.wanted = Wanted()
        await life.tend()
        assert len(house.known) == 1
        house.person()
        assert life.outcomes == [RingOutcome.UNKNOWN]

    async def later(life: Life) -> None:
        life.wanted = Wanted()
        house.fail()
        await life.tend()
        assert not house.known

    house.live(story)
    house.live(later)


def test_another_public_url_makes_another_channel_and_ends_the_old_one(house: House) -> None:
    async def first(life: Life) -> None:
        await life.tend()

    async def second(life: Life) -> None:
        await life.tend()
        await life.tend()
        assert house.only.url.startswith("https://other.example.org/hooks/zoho/")
        house.person()
        assert life.outcomes == [RingOutcome.RANG]

    house.live(first)
    old = house.only
    house.live(second, "https://other.example.org/")
    assert old.number not in house.known
    assert old.token != house.only.token


def test_hooks_switched_off_close_what_is_open(house: House) -> None:
    async def first(life: Life) -> None:
        await life.tend()

    async def second(life: Life) -> None:
        await life.tend()
        assert not house.known
        assert life.account.feeds["Contacts"].feed.pace is None

    house.live(first)
    house.live(second, None)


def test_a_channel_that_ended_while_the_daemon_was_off_is_made_anew(house: House) -> None:
    async def first(life: Life) -> None:
        await life.tend()

    async def later(life: Life) -> None:
        await house.clock.sleep(8 * DAY)
        await life.tend()
        assert len(house.known) == 1
        await life.tend()
        assert life.shown["state"] == "new"
        assert house.calls("DELETE") == [], "what has ended needs no call"

    house.live(first)
    house.live(later)


def test_a_channel_that_the_app_forgot_is_made_anew_when_it_is_to_be_prolonged(house: House) -> None:
    async def story(life: Life) -> None:
        await life.tend()
        old = house.only.number
        house.zoho.tune({"forget_channels": True})
        await life.tend(after=3.1 * DAY)
        assert house.only.number != old
        house.person()
        assert life.outcomes == [RingOutcome.RANG]

    house.live(story)


def test_an_app_that_refuses_is_asked_seldom_and_told_with_its_cure(house: House) -> None:
    house.fail(fault="status", status=401, body={"code": "OAUTH_SCOPE_MISMATCH", "message": "Unauthorized"})

    async def story(life: Life) -> None:
        pause = await life.tend()
        assert 0 < pause <= 60
        assert "ZohoCRM.notifications.ALL" in life.shown["cure"]
        assert life.account.trouble is None, "the account itself works"
        for _ in range(24):
            await life.tend(after=HOUR)
        assert len(house.calls("POST")) <= 26
        house.fail()
        await life.tend(after=HOUR)
        assert life.shown["reason"] == ""

    house.live(story)


# --- health -------------------------------------------------------------------------------------------------------


async def polled(life: Life, after: float) -> None:
    """A poll at the usual pace, so many seconds later."""
    await house_sleep(life, after)
    await life.account.feeds["Contacts"].feed.refresh()


async def house_sleep(life: Life, seconds: float) -> None:
    await life.house.clock.sleep(seconds)


async def missed(life: Life, times: int) -> None:
    """So many changes that nobody rings for, each seen by a poll."""
    life.house.zoho.tune({"bell_times": 0})
    for _ in range(times):
        life.house.person()
        await polled(life, 100)
        await life.tend(after=61)
    life.house.zoho.tune({"bell_times": 1})


async def rung_in(life: Life) -> None:
    await life.tend()
    await polled(life, 1)
    life.house.person()
    await polled(life, 1)


def test_polling_rests_only_while_the_bell_is_trusted(house: House) -> None:
    async def story(life: Life) -> None:
        feed = life.account.feeds["Contacts"].feed

        async def reads(after: float) -> bool:
            await house.clock.sleep(after)
            pages = feed.tally.pages
            await feed.refresh_unless_resting(900, 0)
            return feed.tally.pages > pages

        await life.tend()
        assert await reads(1)
        assert await reads(60), "it has not rung yet: perhaps nobody can reach us"
        house.person()
        assert await reads(1), "it rings"
        assert not await reads(30)
        assert await reads(40), "what it rang for may have shown late"
        assert not await reads(60)
        assert not await reads(800)
        assert await reads(60), "once in a quarter of an hour all the same"
        await missed(life, 1)
        assert life.shown["state"] == "doubtful"
        assert await reads(60)
        house.person()
        assert life.shown["state"] == "healthy"

    house.live(story)


def test_several_missed_changes_make_the_channel_anew_but_not_more_than_once_an_hour(house: House) -> None:
    async def story(life: Life) -> None:
        await rung_in(life)
        old = house.only
        await missed(life, 3)
        assert life.shown["state"] == "unhealthy"
        assert house.only is old, "it is younger than an hour"
        await life.tend(after=HOUR)
        await life.tend()
        assert house.only is not old
        assert old.token != house.only.token
        assert life.shown["state"] == "new"
        assert life.shown["missed"] == 3, "numbers go on"
        house.person()
        assert life.shown["state"] == "healthy"

    house.live(story)


def test_a_late_ring_clears_the_bell_and_a_too_late_one_does_not(house: House) -> None:
    async def story(life: Life) -> None:
        await rung_in(life)
        house.zoho.tune({"bell_delay": 50})
        house.person()
        await polled(life, 10)
        await life.tend(after=45)
        await life.tend(after=30)
        assert (life.shown["missed"], life.shown["state"]) == (0, "healthy")
        house.zoho.tune({"bell_delay": 600})
        await polled(life, 10)
        house.person()
        await polled(life, 10)
        await life.tend(after=61)
        assert (life.shown["missed"], life.shown["state"]) == (1, "doubtful")
        await life.tend(after=600)
        assert life.shown["state"] == "healthy", "it rings, only late"

    house.live(story)


def test_what_changed_before_the_bell_hung_is_not_held_against_it(house: House) -> None:
    async def story(life: Life) -> None:
        house.person()
        await life.tend()
        await polled(life, 5)
        await polled(life, 120)
        await life.tend(after=61)
        assert life.shown["missed"] == 0

    house.live(story)


# --- from rings to runs ---------------------------------------------------------------------------------------------


async def answered(life: Life) -> list[str]:
    """The runs that rings have started since this was asked last."""
    await life.channels._ringing._answer("Contacts")
    started, life.started[:] = list(life.started), []
    return started


def test_a_ring_starts_a_run_at_once_and_a_flood_starts_few(house: House) -> None:
    async def story(life: Life) -> None:
        await rung_in(life)
        await house.clock.sleep(100)
        await answered(life)
        await house.clock.sleep(100)
        house.zoho.tune({"bell_times": 2})
        house.person()
        assert await answered(life) == ["Contacts"]
        runs = 0
        for _ in range(600):  # ten minutes, two rings each second
            house.person()
            await house.clock.sleep(1)
            runs += len(await answered(life))
        assert 10 <= runs <= 32
        house.person()
        await house.clock.sleep(31)
        assert await answered(life) == ["Contacts"], "the last ring is not forgotten"

    house.live(story)


def test_rings_for_our_own_writes_wait_and_are_not_forgotten(house: House) -> None:
    async def story(life: Life) -> None:
        await rung_in(life)
        await house.clock.sleep(100)
        await answered(life)
        record = house.person()
        await answered(life)
        feed = life.account.feeds["Contacts"].feed
        await feed.refresh()
        await house.clock.sleep(200)
        await answered(life)
        store = life.daemon.store
        (row,) = (await store.rows(feed.object_id, [record])).values()
        # As after an answer that does not show the record: these values are ours, and nobody has seen them since.
        await settled(life, row.record())
        house.zoho.edit({"object": "Contacts", "id": record, "set": {"Email": "new@example.org"}})
        house.world.settle()
        assert await answered(life) == [], "probably it was we"
        await house.clock.sleep(61)
        assert await answered(life) == ["Contacts"], "and if it was not, it is seen a minute later"

    house.live(story)


async def settled(life: Life, record: Any) -> None:
    from zohosyncd.ports.store import Settlement

    store, feed = life.daemon.store, life.account.feeds["Contacts"].feed
    await store.settle(
        [Settlement("0" * 32, 0, object_id=feed.object_id, record=record, shown=False, answered=store.ordinal())]
    )
