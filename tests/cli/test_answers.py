"""What an operator asks and decides, through the command line: beside a running daemon and without one."""

import csv
import io
import json
import signal
import tomllib
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli.conftest import CONNECTION, Ran, Starting, Zohosyncd, control, later
from zohosyncd.cli.contacts import safe
from zohosyncd.cli.history import moment_of

NOW = 1_800_000_000.0
BOOK = "/ann/contacts/"


class Desk:
    """Commands about the one connection of a configuration."""

    def __init__(self, zohosyncd: Zohosyncd, conf: Path, start: Starting) -> None:
        self._run, self.conf, self.start = zohosyncd, conf, start

    def __call__(self, *arguments: object) -> Ran:
        return self._run(*arguments, "--config", self.conf)

    def json(self, *arguments: object, code: int = 0) -> Any:
        ran = self(*arguments, "--json")
        assert ran.code == code, ran.err
        return ran.json

    def sync(self) -> Any:
        return self.json("sync", CONNECTION)["connections"][CONNECTION]

    def held(self, reason: str = "") -> list[dict[str, Any]]:
        return [each for each in self.json("held", CONNECTION)["held"] if reason in ("", each["reason"])]

    def contacts(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.json("contacts", CONNECTION, *arguments)["contacts"]
        return found

    def contact(self, first: str, email: str, **values: str) -> str:
        """A new contact in the CRM; its id."""
        create = {"First_Name": first, "Last_Name": "Desk", "Email": email, **values}
        return str(control(self.conf, "edit", app="zoho_crm", object="Contacts", create=create)["id"])

    def card(self, given: str, email: str = "", family: str = "Desk") -> str:
        """A new card in the book; its href."""
        lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uuid4()}", f"FN:{given}", f"N:{family};{given};;;"]
        lines += [f"EMAIL:{email}"] if email else []
        create = {"vcard": "\r\n".join([*lines, "END:VCARD", ""])}
        return str(control(self.conf, "edit", app="carddav", object=BOOK, create=create)["href"])

    def state(self) -> Any:
        """Everything in the sandbox's apps."""
        address = tomllib.loads((self.conf / "accounts.d/zoho.toml").read_text(encoding="utf-8"))["api_url"]
        with urllib.request.urlopen(f"{address}/_sandbox/state", timeout=10) as answer:
            return json.loads(answer.read())["apps"]

    def title(self, contact: str, card: str) -> tuple[object, object]:
        """The title in the CRM and in the book."""
        apps = self.state()
        (mine,) = [each for each in apps["zoho_crm"]["Contacts"] if each["id"] == contact]
        lines = [line for line in apps["carddav"][BOOK][card].splitlines() if line.startswith("TITLE")]
        return mine["Title"], lines[0].partition(":")[2] if lines else None

    def edit_card(self, href: str, title: str) -> None:
        vcard = self.state()["carddav"][BOOK][href]
        rest = [line for line in vcard.splitlines() if line and not line.startswith("TITLE")]
        text = "\r\n".join([*rest[:-1], f"TITLE:{title}", rest[-1], ""])
        control(self.conf, "edit", app="carddav", object=BOOK, id=href, set={"vcard": text})


@pytest.fixture
def desk(zohosyncd: Zohosyncd, conf: Path, forked: Starting) -> Desk:
    return Desk(zohosyncd, conf, forked)


def address(name: str) -> str:
    """An address that nobody has yet: the sandbox is the same for all tests here."""
    return f"{name}-{uuid4().hex[:8]}@example.org"


@contextmanager
def perhaps_beside(desk: Desk, log: Path, *, daemon: bool) -> Iterator[None]:
    """With a running daemon, or with none."""
    if not daemon:
        yield
        return
    later(desk.conf)
    with desk.start(log, "run", "--config", desk.conf) as process:
        process.wait_for("ready")
        yield


beside = pytest.mark.parametrize("daemon", [False, True], ids=["alone", "beside a daemon"])


def hold_clashes(conf: Path) -> None:
    file = conf / f"connections.d/{CONNECTION}.toml"
    file.write_text('winner = "hold"\nevery = "1h"\n' + file.read_text().replace("every = ", "# every = "))


def clash(desk: Desk) -> tuple[str, str]:
    """One contact whose title is "Left" in the CRM and "Right" in the book."""
    contact = desk.contact("Clara", address("clara"), Title="Old")
    desk.sync()
    card = next(each["partner"] for each in desk.contacts("--side", "zoho") if each["record_id"] == contact)
    control(desk.conf, "edit", app="zoho_crm", object="Contacts", id=contact, set={"Title": "Left"})
    desk.edit_card(card, "Right")
    desk.sync()
    return contact, card


# --- contacts -------------------------------------------------------------------------------------------------


@beside
def test_every_record_is_listed_once_and_counted_alike(desk: Desk, tmp_path: Path, daemon: bool) -> None:
    desk.sync()
    with perhaps_beside(desk, tmp_path / "log", daemon=daemon):
        found = desk.contacts()
        assert len({(each["side"], each["record_id"]) for each in found}) == len(found)
        apps = desk.state()
        here = {each["record_id"] for each in found if each["state"] != "deleted"}
        cards = {href for href, text in apps["carddav"][BOOK].items() if "KIND:group" not in text}
        assert here == {each["id"] for each in apps["zoho_crm"]["Contacts"]} | cards
        counts = desk.json("status")["connections"][CONNECTION]["contacts"]
        for side in ("left", "right"):
            listed = Counter(each["state"] for each in found if each["side"] == side)
            assert listed == Counter({state: count for state, count in counts[side].items() if count})
        assert {"in_sync", "duplicate"} <= {each["state"] for each in found}
        some = desk.contacts("--state", "duplicate", "--side", "zoho")
        assert some == [each for each in found if (each["state"], each["side"]) == ("duplicate", "left")]
        shown = desk("contacts", CONNECTION, "--reason", "shares_key").out.splitlines()
        assert len(shown) == len([each for each in found if each["reason"] == "shares_key"]) + 1


def test_a_name_that_a_spreadsheet_would_calculate_is_text_in_csv(desk: Desk) -> None:
    mine = address("calc")
    desk.contact("=HYPERLINK(1)", mine, Last_Name='Say "Hi"')
    desk.sync()
    rows = list(csv.reader(io.StringIO(desk("contacts", CONNECTION, "--csv", "--side", "left").out)))
    assert rows[0][:4] == ["side", "account", "record_id", "state"]
    assert next(row for row in rows if row[7] == mine)[6] == '\'=HYPERLINK(1) Say "Hi"'
    assert all(line.startswith('"') for line in desk("contacts", CONNECTION, "--csv").out.splitlines())


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff20"])
def test_no_cell_begins_like_a_formula(first: str) -> None:
    assert safe(f"{first}1") == f"'{first}1"
    assert safe(f"a{first}") == f"a{first}"


# --- held -----------------------------------------------------------------------------------------------------


@beside
def test_twins_of_one_side_are_both_made_once_a_person_says_so(desk: Desk, tmp_path: Path, daemon: bool) -> None:
    desk.sync()
    shared = address("twin")
    pair = [desk.contact(name, shared) for name in ("Tia", "Tom")]
    desk.sync()
    assert {each["record_id"] for each in desk.held("ambiguous")} >= set(pair)
    with perhaps_beside(desk, tmp_path / "log", daemon=daemon):
        for each in pair:
            ran = desk("held", "resolve", CONNECTION, each, "--create")
            if daemon and "decide anew" in ran.err:  # the first one's new card is a candidate that nobody had seen
                ran = desk("held", "resolve", CONNECTION, each, "--create")
            assert ran.code == 0, ran.err
            assert f"left {each} (ambiguous): decided: create" in ran.out
        desk.sync()
        states = {each["record_id"]: each for each in desk.contacts("--side", "left")}
        assert {states[each]["state"] for each in pair} == {"in_sync"}
        assert len({states[each]["partner"] for each in pair}) == 2


@beside
def test_the_side_that_is_taken_wins_and_history_has_both(desk: Desk, tmp_path: Path, daemon: bool) -> None:
    hold_clashes(desk.conf)
    contact, card = clash(desk)
    assert desk.title(contact, card) == ("Left", "Right")
    with perhaps_beside(desk, tmp_path / "log", daemon=daemon):
        (told,) = desk.held("clash")
        assert told["values"] == {"left": "Left", "right": "Right"}
        assert "@" in told["who"]
        ran = desk("held", "resolve", CONNECTION, contact, "--take", "book")
        assert ran.code == 0, ran.err
        desk.sync()
        assert desk.title(contact, card) == ("Right", "Right")
        assert desk.held("clash") == []
        entry = next(each for each in desk.json("history", CONNECTION, contact)["history"] if each["kind"] == "taken")
        assert (entry["after"], entry["lost"]) == ({"TITLE": "Right"}, {"Title": "Left"})


def test_all_of_a_reason_are_decided_after_a_rehearsal(desk: Desk) -> None:
    desk.sync()
    held = {each["record_id"] for each in desk.held("ambiguous")}
    assert held
    told = desk.json("held", "resolve", CONNECTION, "--reason", "ambiguous", "--leave", "--dry-run")
    assert {each["record_id"] for each in told["decided"]} == held
    assert all(not each["decision"] for each in desk.held())
    assert f"decided: leave: {len(held)}" in desk("held", "resolve", CONNECTION, "--reason", "ambiguous", "--leave").out
    assert desk.held() == []
    desk.sync()
    assert {each["record_id"] for each in desk.contacts("--reason", "left_alone")} == held
    one = min(held)
    assert desk("held", "retry", CONNECTION, one).code == 0
    desk.sync()
    assert {each["record_id"] for each in desk.held()} == {one}


def test_a_decision_outlives_the_kill_of_the_daemon(desk: Desk, tmp_path: Path) -> None:
    desk.sync()
    shared = address("kim")
    contact, _other = desk.contact("Kim", shared), desk.contact("Kimberly", shared)
    desk.sync()
    with desk.start(tmp_path / "log", "run", "--config", desk.conf) as process:
        process.wait_for("ready")
        assert desk("pause", CONNECTION).code == 0
        assert desk("held", "resolve", CONNECTION, contact, "--create").code == 0
        process.stop(signal.SIGKILL)
    (held,) = [each for each in desk.held("ambiguous") if each["record_id"] == contact]
    assert held["decision"] == "create"
    assert desk("resume", CONNECTION).code == 0
    desk.sync()
    (found,) = [each for each in desk.contacts("--side", "left") if each["record_id"] == contact]
    assert found["state"] == "in_sync"


# --- quarantine -----------------------------------------------------------------------------------------------


def test_what_is_refused_is_tried_again_or_accepted_until_it_changes(desk: Desk) -> None:
    desk.sync()
    card = desk.card("Mono", address("mono"), family="")
    desk.sync()
    refused = [each for each in desk.json("quarantine", CONNECTION)["quarantine"] if each["record_id"] == card]
    assert [each["code"] for each in refused] == ["required"]
    assert desk("quarantine", "retry", CONNECTION, card).code == 0
    desk.sync()
    assert card in {each["record_id"] for each in desk.json("quarantine", CONNECTION)["quarantine"]}
    ran = desk("quarantine", "drop", CONNECTION, "--reason", "required")
    assert (ran.code, "accepted until it changes: 1" in ran.out) == (0, True)
    desk.sync()
    assert card not in {each["record_id"] for each in desk.json("quarantine", CONNECTION)["quarantine"]}
    (found,) = [each for each in desk.contacts() if each["record_id"] == card]
    assert (found["state"], found["reason"]) == ("excluded", "accepted")
    desk.edit_card(card, "Queen")
    desk.sync()
    assert card in {each["record_id"] for each in desk.json("quarantine", CONNECTION)["quarantine"]}


# --- link, unlink, split --------------------------------------------------------------------------------------


@beside
def test_two_are_linked_parted_and_told_apart_by_hand(desk: Desk, tmp_path: Path, daemon: bool) -> None:
    desk.sync()
    contact, card = desk.contact("Lea", address("lea")), desk.card("Leah", address("leah"))
    with perhaps_beside(desk, tmp_path / "log", daemon=daemon):
        desk("pause", CONNECTION)
        ran = desk("link", CONNECTION, contact, card)
        assert ran.code == 0, ran.err
        desk("resume", CONNECTION)
        desk.sync()
        (found,) = [each for each in desk.contacts("--side", "left") if each["record_id"] == contact]
        assert (found["state"], found["partner"]) == ("in_sync", card)
        others = (each["record_id"] for each in desk.contacts("--side", "right"))
        refused = desk("link", CONNECTION, contact, next(each for each in others if each != card))
        assert refused.code == 2
        assert "--replace" in refused.err
        assert desk("unlink", CONNECTION, contact, card).code == 0
        desk.sync()
        both = {each["record_id"]: each["reason"] for each in desk.contacts("--state", "excluded")}
        assert (both[contact], both[card]) == ("parted", "parted")
        before = len(desk.state()["carddav"][BOOK])
        assert desk("split", CONNECTION, contact, card).code == 0
        desk.sync()
        assert len(desk.state()["carddav"][BOOK]) == before + 1
        ways = {each["record_id"]: each["partner"] for each in desk.contacts("--state", "in_sync")}
        assert {contact, card} <= ways.keys()
        assert ways[contact] != card


# --- pause and resume -----------------------------------------------------------------------------------------


def test_a_paused_connection_writes_nothing_says_so_and_goes_on_after_a_restart(desk: Desk, tmp_path: Path) -> None:
    desk.sync()
    assert "paused since" in desk("pause", "--all").out
    contact = desk.contact("Paula", address("paula"))
    refused = desk("sync", CONNECTION)
    assert (refused.code, "is paused" in refused.err, f"zohosyncd resume {CONNECTION}" in refused.err) == (
        3,
        True,
        True,
    )
    with desk.start(tmp_path / "log", "run", "--config", desk.conf) as process:
        process.wait_for("ready")
        while not (status := desk.json("status")["connections"][CONNECTION])["pending"]["left"]:
            pass
        assert (status["state"], status["paused_since"] > 0, status["reason"]) == ("paused", True, "")
        assert f"{sum(status['pending'].values())} changes wait" in status["do_now"]
        assert (found := [each for each in desk.contacts("--state", "pending") if each["record_id"] == contact])
        assert found[0]["reason"] == "new"
        assert f"{CONNECTION}: writes again" in desk("resume", "--all").out
        desk.sync()
    (found,) = [each for each in desk.contacts("--side", "left") if each["record_id"] == contact]
    assert found["state"] == "in_sync"
    assert "nothing was paused" in desk("resume", CONNECTION).out


# --- history --------------------------------------------------------------------------------------------------


def test_history_is_told_of_a_person_a_run_and_a_time(desk: Desk) -> None:
    desk.sync()
    hers = address("hilda")
    contact = desk.contact("Hilda", hers, Title="Queen")
    run = desk.sync()["run"]
    mine = desk.json("history", CONNECTION, hers)["history"]
    assert {each["left"] for each in mine} == {contact}
    assert mine[0]["after"]["TITLE"] == "Queen"
    of_run = desk.json("history", CONNECTION, "--run", run)["history"]
    assert {each["run"] for each in of_run} == {run}
    assert mine[0] in of_run
    everything = desk.json("history", CONNECTION, "--since", "1h")["history"]
    assert [each["id"] for each in everything] == sorted((each["id"] for each in everything), reverse=True)
    assert desk.json("history", CONNECTION, "--since", "2100-01-01")["history"] == []
    assert "TITLE = Queen" in desk("history", CONNECTION, contact).out


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("7d", NOW - 604_800),
        ("90m", NOW - 5400),
        ("2026-01-31", 1_769_817_600.0),
        ("2026-01-31T09:00+01:00", 1_769_846_400.0),
    ],
)
def test_a_moment_is_so_long_ago_or_a_date(text: str, moment: float) -> None:
    assert moment_of(text, NOW) == moment


# --- what is wrong --------------------------------------------------------------------------------------------


def test_what_is_said_wrongly_is_told_with_what_exists(desk: Desk) -> None:
    desk.sync()
    held = desk.held("ambiguous")[0]["record_id"]
    fine = next(each["record_id"] for each in desk.contacts("--state", "in_sync"))
    wrong: list[tuple[tuple[str, ...], str]] = [
        (("contacts", "nope"), f"known connections: {CONNECTION}"),
        (("contacts", CONNECTION, "--state", "fine"), "known: in_sync, pending"),
        (("contacts", CONNECTION, "--side", "crm"), "say left, right, zoho or book"),
        (("contacts", CONNECTION, "--csv", "--json"), "not both"),
        (("held", "resolve", CONNECTION, held), "one of --take left|right"),
        (("held", "resolve", CONNECTION, held, "--take", "left"), "say --create or --leave"),
        (("held", "resolve", CONNECTION, held, "--create", "--take", "left"), "one of --take left|right"),
        (("held", "resolve", CONNECTION, held, "--link", "nobody"), "there is no record nobody"),
        (("held", "resolve", CONNECTION, held, "--field", "title", "--create"), "the field title is not held"),
        (("held", "resolve", CONNECTION, fine, "--create"), "that record is not held"),
        (("held", "resolve", CONNECTION, "nobody@example.org", "--create"), "nobody is known by that"),
        (("held", "resolve", CONNECTION, "--create"), "name RECORD, or --reason R"),
        (("held", "resolve", CONNECTION, "--reason", "ugly", "--create"), "known: ambiguous, linked_elsewhere"),
        (("held", "resolve", CONNECTION, held, "--replace", "--create"), "--replace belongs to --link"),
        (("held", "retry", CONNECTION), "name RECORD, or --reason R"),
        (("quarantine", "retry", CONNECTION, fine), "that record is not quarantined"),
        (("quarantine", "drop", CONNECTION, "--reason", "ugly"), "nothing is quarantined for ugly"),
        (("link", CONNECTION, "nobody", "nobody"), "there is no record nobody in zoho (left)"),
        (("link", CONNECTION, "nobody@example.org", "x"), "no record of zoho (left) has that e-mail"),
        (("unlink", CONNECTION, fine, "x"), "there is no record"),
        (("pause",), "name one connection, or say --all"),
        (("pause", CONNECTION, "--all"), "name one connection, or say --all"),
        (("resume", "nope"), f"known connections: {CONNECTION}"),
        (("history", CONNECTION, "nobody@example.org"), "nothing has happened to that"),
        (("history", CONNECTION, "--since", "yesterday"), "yesterday is no time; say 7d"),
    ]
    for arguments, told in wrong:
        ran = desk(*arguments)
        assert (ran.code, told in " ".join(ran.err.split())) == (2, True), (arguments, ran.code, ran.err)
        assert "Traceback" not in ran.err


# --- explain --------------------------------------------------------------------------------------------------


def test_explain_tells_candidates_by_kind_of_key_and_what_comes_next(desk: Desk) -> None:
    hold_clashes(desk.conf)
    desk.sync()
    shared = address("two")
    one, other = desk.contact("Una", shared), desk.contact("Duo", shared)
    contact, _card = clash(desk)
    told = desk.json("explain", CONNECTION, one)["persons"][0]
    assert told["candidates"] == [{"side": "left", "record_id": other, "shares": ["email"], "linked_to": ""}]
    assert "before a person decides" in told["next_action"]
    assert shared not in json.dumps(told["candidates"])
    desk("held", "resolve", CONNECTION, one, "--create")
    told = desk.json("explain", CONNECTION, one)["persons"][0]
    assert told["next_action"] == "your decision (create) is carried out in the next run"
    desk("held", "resolve", CONNECTION, other, "--leave")
    assert "left alone" in desk.json("explain", CONNECTION, other)["persons"][0]["next_action"]
    title = next(
        each for each in desk.json("explain", CONNECTION, contact)["persons"][0]["fields"] if each["pair"] == "title"
    )
    assert (title["left"], title["right"], title["left_base"], title["decided"]) == (
        "Left",
        "Right",
        "Old",
        "a person decides",
    )
    shown = desk("explain", CONNECTION, contact).out
    assert "next: nothing before a person decides" in shown
    assert "a person decides" in shown
