"""Authorising an account through the command line, against the sandbox: beside a running daemon and without one."""

import io
import json
import re
import socket
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import CONNECTION, Ran, Starting, Zohosyncd, control, started

SECRETS = ("sandbox-client-secret", "1000.sandbox.refresh")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def consented(url: str) -> str:
    """The address that a browser is sent to by the user who says yes, or no."""
    try:
        urllib.request.build_opener(_Stay).open(url, timeout=10)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("the page sent nobody back")


def printed_url(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("http"))


class Person:
    """Standard input of somebody who opens the address that was printed and pastes where it led."""

    def __init__(self, capsys: pytest.CaptureFixture[str], change: Callable[[str], str] = str) -> None:
        self._capsys, self._change, self.seen, self.pasted = capsys, change, "", ""

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        self.seen = self._capsys.readouterr().err
        self.pasted = self._change(consented(printed_url(self.seen)))
        return self.pasted + "\n"


class Office:
    """A configuration whose Zoho account has no consent yet."""

    def __init__(self, zohosyncd: Zohosyncd, conf: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self._run, self.conf, self._patch, self._capsys = zohosyncd, conf, monkeypatch, capsys

    def __call__(self, *arguments: object) -> Ran:
        return self._run(*arguments, "--config", self.conf)

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        file = self.conf / name
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")

    def forget_refresh_token(self) -> None:
        self.edit(
            "accounts.d/zoho.toml",
            lambda text: "".join(line for line in text.splitlines(keepends=True) if "refresh_token" not in line),
        )

    def store_client_secret(self) -> None:
        self.edit("accounts.d/zoho.toml", lambda text: re.sub(r'(client_secret = )".*"', r'\1"store:zoho"', text))

    def say(self, text: str) -> None:
        self._patch.setattr(sys, "stdin", io.StringIO(text))

    def person(self, change: Callable[[str], str] = str) -> Person:
        somebody = Person(self._capsys, change)
        self._patch.setattr(sys, "stdin", somebody)
        return somebody

    def knobs(self, **knobs: Any) -> None:
        control(self.conf, "knobs", app="zoho_crm", set=knobs)

    def account(self) -> dict[str, Any]:
        return dict(self("accounts", "--json").json["accounts"]["zoho"])

    def code(self, scope: str = "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ") -> str:
        made = control(self.conf, "edit", app="zoho_crm", object="self_client", create={"scope": scope})
        return str(made["code"])


@pytest.fixture
def office(
    zohosyncd: Zohosyncd, conf: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Office]:
    made = Office(zohosyncd, conf, monkeypatch, capsys)
    made.forget_refresh_token()
    yield made
    made.knobs(deny=False, consent_org="", redirect_uris=None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- without a daemon -----------------------------------------------------------------------------------------


def test_a_new_account_is_authorised_by_pasting_an_address(office: Office) -> None:
    before = office("sync", CONNECTION)
    assert (before.code, "run zohosyncd auth zoho" in before.err) == (3, True)
    assert office.account()["state"] == "waiting"
    person = office.person()
    ran = office("auth", "zoho", "--json")
    assert ran.code == 0, ran.err
    asked = parse_qs(urlsplit(printed_url(person.seen)).query)
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == (
        ["offline"],
        ["consent"],
        ["S256"],
    )
    for scope in asked["scope"][0].split(","):
        assert f"  {scope} " in person.seen
    assert "ZohoCRM.users.READ" in person.seen
    assert "to know owners by their e-mail address" in person.seen, "each with its reason"
    assert not any(scope.endswith("modules.ALL") for scope in asked["scope"][0].split(","))
    assert (ran.json["name"], ran.json["location"], ran.json["missing"]) == ("Sandbox Trading", "us", [])
    assert office("sync", CONNECTION).code == 0
    account = office.account()
    assert (account["state"], account["login"], account["missing"]) == ("up", "refresh_token", [])
    assert account["connections"] == [CONNECTION]


def test_an_answer_that_is_not_ours_changes_nothing(office: Office) -> None:
    person = office.person(lambda address: address.replace("state=", "state=0"))
    ran = office("auth", "zoho")
    assert (ran.code, "its state differs" in ran.err) == (2, True)
    assert parse_qs(urlsplit(person.pasted).query)["code"][0] not in ran.err + ran.out
    assert office.account()["login"] == "none"


def test_a_person_may_refuse(office: Office) -> None:
    office.knobs(deny=True)
    office.person()
    ran = office("auth", "zoho")
    assert (ran.code, "the consent was refused" in ran.err) == (3, True)
    assert office.account()["login"] == "none"


def test_a_redirect_address_of_its_own(office: Office) -> None:
    office.knobs(redirect_uris=["https://sync.example.org/back"])
    person = office.person()
    assert office("auth", "zoho", "--redirect-uri", "https://sync.example.org/back").code == 0
    assert person.pasted.startswith("https://sync.example.org/back?")


def test_another_organisation_is_refused_and_the_old_login_goes_on(office: Office) -> None:
    office.person()
    assert office("auth", "zoho").code == 0
    office.knobs(consent_org="4242")
    office.person()
    ran = office("auth", "zoho")
    assert (ran.code, "another organisation" in ran.err, "4242" in ran.err) == (3, True, True)
    assert office("sync", CONNECTION).code == 0


def test_a_self_client_code_is_read_from_standard_input(office: Office) -> None:
    code = office.code()
    office.say(code + "\n")
    ran = office("auth", "zoho", "--code")
    assert ran.code == 0, ran.err
    assert office("sync", CONNECTION).code == 0
    office.say(code)
    again = office("auth", "zoho", "--code")
    assert (again.code, "was used before" in again.err, code in again.err) == (3, True, False)
    assert office.account()["state"] == "up"


def test_too_few_scopes_are_named(office: Office) -> None:
    office.say(office.code("ZohoCRM.modules.contacts.READ,ZohoCRM.org.READ"))
    ran = office("auth", "zoho", "--code", "--json")
    assert ran.code == 0
    assert ran.json["scopes"] is None  # Zoho does not tell which scopes the person chose; a refused call does
    ran = office("sync", CONNECTION)
    assert (ran.code, "run zohosyncd auth zoho" in ran.err) == (3, True)


def test_client_credentials_need_no_person(office: Office) -> None:
    ran = office("auth", "zoho", "--client-credentials")
    assert (ran.code, "--org ID" in ran.err) == (2, True)
    ran = office("auth", "zoho", "--client-credentials", "--org", "1")
    assert (ran.code, "missing_org_info" in ran.err) == (3, True)
    ran = office("auth", "zoho", "--client-credentials", "--org", "5545974000000020001")
    assert ran.code == 0, ran.err
    assert office("sync", CONNECTION).code == 0
    assert office.account()["login"] == "client_credentials"
    assert office("auth", "zoho", "--client-credentials").code == 0


def test_a_port_waits_for_the_browser(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    port, found = free_port(), dict[str, Any]()

    def browser() -> None:
        said = ""
        while "http://127" not in said:
            said += capsys.readouterr().err
            time.sleep(0.02)
        target = consented(printed_url(said))
        for wrong in ("", "?code=1&state=2"):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/oauth/callback{wrong}", timeout=5)
            except urllib.error.HTTPError as answer:
                found[wrong] = answer.status
        with urllib.request.urlopen(target, timeout=5) as page:
            found["page"], found["headers"] = page.read().decode(), page.headers

    user = threading.Thread(target=browser, daemon=True)
    user.start()
    ran = office("auth", "zoho", "--redirect-port", port)
    user.join(10)
    assert ran.code == 0, ran.err
    assert (found[""], found["?code=1&state=2"]) == (400, 400)
    assert "The account zoho is authorised" in found["page"]
    assert found["headers"]["Cache-Control"] == "no-store"
    assert office.account()["state"] == "up"


def test_two_ways_at_once_are_none(zohosyncd: Zohosyncd) -> None:
    assert "choose one of" in zohosyncd("auth", "zoho", "--code", "--paste").err
    assert "belongs to --client-credentials" in zohosyncd("auth", "zoho", "--org", "1").err


# --- which consent counts -------------------------------------------------------------------------------------


def test_the_newest_of_file_and_consent_counts(zohosyncd: Zohosyncd, conf: Path, office: Office) -> None:
    secret = conf / "secrets/zoho-refresh-token"
    good = secret.read_text()
    office.edit("accounts.d/zoho.toml", lambda text: text + f'refresh_token = "file:{secret}"\n')
    secret.write_text("1000.revoked")
    assert office("sync", CONNECTION).code == 3
    office.person()
    assert office("auth", "zoho").code == 0
    assert office.account()["login"] == "refresh_token"
    secret.write_text(good)
    account = office.account()
    assert (account["state"], account["login"], account["held"], account["missing"]) == ("up", "file", None, None)


# --- secrets --------------------------------------------------------------------------------------------------


def test_a_secret_is_kept_listed_used_and_thrown_away(office: Office) -> None:
    office.store_client_secret()
    missing = office("auth", "zoho")
    assert (missing.code, "run zohosyncd secret set zoho" in missing.err) == (2, True)
    listed = office("secret", "list")
    assert "missing: zohosyncd secret set zoho" in listed.out
    office.say("sandbox-client-secret\n")
    ran = office("secret", "set", "zoho")
    assert (ran.code, "store:zoho" in ran.out) == (0, True), ran.err
    office.person()
    assert office("auth", "zoho").code == 0
    (row,) = office("secret", "list", "--json").json["secrets"]
    assert row == {"name": "zoho", "stored": True, "used_by": ["client_secret of accounts.d/zoho.toml"]}
    refused = office("secret", "rm", "zoho")
    assert (refused.code, "is used by client_secret of accounts.d/zoho.toml" in refused.err) == (2, True)
    assert office("secret", "rm", "zoho", "--force").code == 0
    assert office("secret", "rm", "zoho").code == 2


@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        (("zoho", "hunter2-secret"), "", "never an argument"),
        (("zoho",), "", "nothing came from standard input"),
        (("zoho",), " \n", "nothing came from standard input"),
        (("a b",), "hunter2-secret", "cannot be the name"),
        (("zoho/consent",), "hunter2-secret", "cannot be the name"),
        (("zoho",), "x" * 70_000, "larger than 64 KiB"),
        (("zoho",), "hunter2\udcff", "no UTF-8 text"),
    ],
)
def test_what_is_no_secret(
    zohosyncd: Zohosyncd, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], text: str, words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    ran = zohosyncd("secret", "set", *arguments)
    assert (ran.code, words in ran.err, "hunter2" in ran.err + ran.out) == (2, True, False), ran.err


# --- beside a daemon ------------------------------------------------------------------------------------------


def waits_until(condition: Callable[[], bool], what: str, seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.05)


def test_a_revoked_consent_pauses_the_account_until_it_is_given_again(
    office: Office, tmp_path: Path, forked: Starting
) -> None:
    office.person()
    assert office("auth", "zoho").code == 0
    with forked(tmp_path / "log", "run", "--config", office.conf) as daemon:
        daemon.wait_for("ready")

        def connection() -> dict[str, Any]:
            return dict(office("status", "--json").json["connections"][CONNECTION])

        waits_until(lambda: connection()["state"] == "running" and connection()["links"] > 0, "the first sync")
        links = connection()["links"]
        control(office.conf, "edit", app="zoho_crm", object="consent", delete=True)

        def accounts() -> dict[str, str]:
            found = office("status", "--json").json["accounts"]
            return {name: each["state"] for name, each in found.items()}

        waits_until(lambda: accounts() == {"zoho": "waiting", "book": "up"}, "the account waits, the other works")
        status = office("status", "--json").json
        assert "run zohosyncd auth zoho" in status["connections"][CONNECTION]["do_now"]
        assert "run zohosyncd auth zoho" in status["accounts"]["zoho"]["cure"]
        listen = re.search(r"listen=(\S+)", daemon.said())
        assert listen is not None
        with urllib.request.urlopen(f"http://{listen[1]}/metrics", timeout=5) as page:
            assert 'zohosyncd_account_up{account="zoho"} 0.0' in page.read().decode()
        gone = next(each["id"] for each in _contacts(office))
        made = control(office.conf, "edit", app="zoho_crm", object="Contacts", create={"Last_Name": "Meanwhile"})
        assert connection()["links"] == links
        person = office.person()
        ran = office("auth", "zoho")
        assert ran.code == 0, ran.err
        waits_until(lambda: connection()["state"] == "running" and connection()["links"] > links, "it goes on", 10.0)
        assert gone in {each["id"] for each in _contacts(office)}
        assert office("contacts", CONNECTION, "--side", "zoho", "--csv").out.count(made["id"]) == 1
        said = daemon.said()
    code = parse_qs(urlsplit(person.pasted).query)["code"][0]
    for secret in (*SECRETS, code, "1000.sandbox"):
        assert secret not in said
        assert secret not in ran.out + ran.err


def _contacts(office: Office) -> list[dict[str, Any]]:
    address = tomllib.loads((office.conf / "accounts.d/zoho.toml").read_text(encoding="utf-8"))["api_url"]
    with urllib.request.urlopen(f"{address}/_sandbox/state", timeout=10) as answer:
        return list(json.loads(answer.read())["apps"]["zoho_crm"]["Contacts"])


def test_the_browser_comes_back_to_the_daemon_and_a_secret_counts_at_once(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    hooks = f'hooks_listen = "127.0.0.1:{port}"\npublic_url = "https://sync.example.org/"\nlog_level = "debug"\n'
    office.edit("zohosyncd.toml", lambda text: text + hooks)
    office.store_client_secret()
    with started(tmp_path / "log", "run", "--config", office.conf) as daemon:
        daemon.wait_for("ready")
        office.say("sandbox-client-secret")
        ran = office("secret", "set", "zoho", "--json")
        assert ran.json["accounts"] == ["zoho"], ran.err

        def browser() -> None:
            said = ""
            while "http://127" not in said:
                said += capsys.readouterr().err
                time.sleep(0.02)
            target = consented(printed_url(said))
            assert target.startswith("https://sync.example.org/oauth/callback?")
            urllib.request.urlopen(target.replace("https://sync.example.org", f"http://127.0.0.1:{port}"), timeout=10)

        user = threading.Thread(target=browser, daemon=True)
        user.start()
        ran = office("auth", "zoho", "--json")
        user.join(10)
        assert ran.code == 0, ran.err
        assert ran.json["name"] == "Sandbox Trading"
        assert office.account()["state"] == "up"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)
        arguments = Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes()
        said = daemon.said().encode() + arguments
    assert not any(secret.encode() in said for secret in (*SECRETS, "code=", "1000."))


def test_nobody_reads_the_state_without_its_key(office: Office) -> None:
    office.person()
    assert office("auth", "zoho").code == 0
    office.say("hunter2-secret")
    assert office("secret", "set", "zoho").code == 0
    stored = b"".join(file.read_bytes() for file in office.conf.glob("state.db*") if file.is_file())
    assert b"zoho/consent" in stored
    for secret in (b"hunter2", b"refresh_token", b"1000.", b"Zoho-oauthtoken"):
        assert secret not in stored
