"""A right folder becomes typed settings; a wrong one is refused with every mistake at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zohosyncd.core.errors import SettingsError
from zohosyncd.core.side import Direction, Side, Winner
from zohosyncd.settings import Listen, SecretSources

Problem = Callable[[str], SettingsError]
PAIR = 'left = { account = "zoho", object = "Contacts" }\nright = { account = "book" }\n'


def test_files_become_typed_settings_named_by_their_files(folder: Any) -> None:
    settings = folder.load()
    assert list(settings.accounts) == ["book", "zoho"]
    assert settings.accounts["zoho"].app == "crm"
    assert settings.accounts["book"].options.url == "https://cloud.example.org/"
    connection = settings.connections["crm-book"]
    assert (connection.name, connection.left.account, connection.left.object) == ("crm-book", "zoho", "Contacts")
    assert connection.right.object is None
    assert connection.accounts == {"zoho", "book"}
    assert connection.place(Side.RIGHT).account == "book"


def test_what_is_not_said_has_a_cautious_default(folder: Any) -> None:
    connection = folder.load().connections["crm-book"]
    assert connection.direction is Direction.BOTH
    assert connection.every == 60
    assert connection.first_sync == "approve"
    assert connection.winner is Winner.NEWEST
    assert connection.match == ("email", "phone+family_name")
    assert connection.create_without_email is False
    assert connection.deletions.towards(Side.LEFT) == connection.deletions.towards(Side.RIGHT) == "off"
    assert (connection.guard.deletes.more_than, connection.guard.deletes.percent) == (10, 2)


def test_zero_connections_and_zero_accounts_are_a_valid_configuration(folder: Any) -> None:
    (folder.path / "connections.d/crm-book.toml").unlink()
    (folder.path / "accounts.d/zoho.toml").unlink()
    (folder.path / "accounts.d/book.toml").unlink()
    (folder.path / "accounts.d").rmdir()
    settings = folder.load()
    assert not settings.accounts
    assert not settings.connections


def test_a_side_may_be_called_by_its_account(folder: Any) -> None:
    folder.write(
        "connections.d/crm-book.toml",
        PAIR
        + 'direction = "zoho_to_book"\nwinner = "book"\nfirst_sync_winner = "zoho"\n'
        + '[[fields]]\nzoho = "Fax"\nbook = "TEL"\nwinner = "zoho"\ndirection = "zoho_to_book"\n'
        + '[deletions]\nbook_to_zoho = "delete"\n',
    )
    connection = folder.load().connections["crm-book"]
    assert connection.direction is Direction.LEFT_TO_RIGHT
    assert (connection.winner, connection.first_sync_winner) == (Winner.RIGHT, Winner.LEFT)
    pair = connection.fields[0]
    assert (pair.left, pair.right, pair.winner, pair.direction) == ("Fax", "TEL", Winner.LEFT, Direction.LEFT_TO_RIGHT)
    assert connection.deletions.towards(Side.LEFT) == "delete"


def test_the_first_sync_follows_the_winner_unless_it_has_its_own(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + 'winner = "hold"\n')
    assert folder.load().connections["crm-book"].first_sync_winner is Winner.HOLD


def test_records_can_be_matched_by_a_pair_of_fields(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + 'match = ["Number = X-NUMBER", " email + company "]\n')
    assert folder.load().connections["crm-book"].match == ("Number=X-NUMBER", "email+company")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60s", 60), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1h 30m", 5400), ("500ms", 0.5), ("1.5s", 1.5)],
)
def test_durations_become_seconds(folder: Any, text: str, seconds: float) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + f'every = "{text}"\n')
    assert folder.load().connections["crm-book"].every == seconds


@pytest.mark.parametrize(
    ("lines", "key", "says", "hint"),
    [
        ('every = "fast"', "every", "expected a duration", "60s"),
        ("every = 60", "every", "with a unit", '"60s"'),
        ('every = "0s"', "every", "at least 0.1", ""),
        ('every = "2d"', "every", "at most 86400", ""),
        ('enabled = "yes"', "enabled", "true or false", ""),
        ('wniner = "left"', "wniner", "not a known key", '"winner"'),
        ('winner = "latest"', "winner", "one of newest, left, right, union, hold", ""),
        ('winner = "newset"', "winner", "one of", '"newest"'),
        ('direction = "book_to_zohoo"', "direction", "one of both", ""),
        ('first_sync = "atuo"', "first_sync", "one of approve, auto", '"auto"'),
        ('phone_region = "de"', "phone_region", "two capital letters", '"DE"'),
        ('phone_region = "Germany"', "phone_region", "two capital letters", '"DE"'),
        ('phone_region = "UK"', "phone_region", "no country has the code UK", '"GB"'),
        ('phone_region = "ZZ"', "phone_region", "no country has the code ZZ", '"DE"'),
        ("match = []", "match", "empty list", ""),
        ('match = "email"', "match", "list in square brackets", ""),
        ('match = ["email", "fone"]', "match[2]", 'by "fone"', '"phone"'),
        ('match = ["email+email"]', "match[1]", "twice", ""),
        ('match = ["full_name"]', "match[1]", "names alone", "phone"),
        ('match = ["A="]', "match[1]", "a field of either side", ""),
        ("match = [1]", "match[1]", "expected text", ""),
        ('name = "x"', "name", "not a key", "file's name"),
        ('[mapping]\nwithout = ["birthdate"]', "mapping.without[1]", "no pair of the default mapping", '"birthday"'),
        ('[deletions]\nleft_to_right = "archive"', "deletions.left_to_right", "one of off, tag, delete", ""),
        ('[deletions]\nfirst_sync = "auto"', "deletions.first_sync", "not a key of this table", "top of the file"),
        ("[guard]\ndeletes = 3", "guard.deletes", "expected a table", ""),
        ("[guard]\ndeletes = { more_than = -1 }", "guard.deletes.more_than", "at least 0", ""),
        ("[guard]\nblanks = { percent = 101 }", "guard.blanks.percent", "at most 100", ""),
        ("[guard]\ncreates = { percent = nan }", "guard.creates.percent", "", ""),
        ("more_than = 3", "more_than", "not a known key", ""),
        ('[[fields]]\nleft = "a"', "fields[1].right", "is missing", "field of the right side"),
        ('[[fields]]\nleft = "a"\nright = ""', "fields[1].right", "may not be empty", ""),
        ('cleared = "kept"', "cleared", "expected one of travel, keep, hold", "keep"),
        ('[[fields]]\nleft = "a"\nright = "b"\n[[fields]]\nleft = "a"\nright = "b"', "fields[2]", "twice", "remove"),
        ('[fields]\nleft = "a"\nright = "b"', "fields", "list in square brackets", ""),
        ('use = "default"', "use", "list in square brackets", "presets"),
    ],
)
def test_a_mistake_in_a_connection_is_named(
    connection_problem: Problem, lines: str, key: str, says: str, hint: str
) -> None:
    problem = connection_problem(lines)
    assert problem.key == key
    assert problem.file.endswith("connections.d/crm-book.toml")
    assert problem.line is not None
    assert problem.line >= 3
    assert says in problem.message
    assert hint in problem.hint


def test_a_pair_that_could_never_travel_is_refused(connection_problem: Problem) -> None:
    problem = connection_problem(
        'direction = "left_to_right"\n[[fields]]\nleft = "a"\nright = "b"\ndirection = "right_to_left"\n'
    )
    assert (problem.key, problem.line) == ("fields[1].direction", 7)


@pytest.mark.parametrize("right", ['{ account = "zoho", object = "Contacts" }'])
def test_both_sides_may_not_be_the_same_object(folder: Any, right: str) -> None:
    folder.write(
        "connections.d/crm-book.toml", f'left = {{ account = "zoho", object = "Contacts" }}\nright = {right}\n'
    )
    problem = folder.problem()
    assert (problem.key, problem.line) == ("right", 2)
    assert "same object" in problem.message


def test_two_objects_of_one_account_are_a_connection(folder: Any) -> None:
    folder.write(
        "connections.d/crm-book.toml",
        'left = { account = "zoho", object = "Contacts" }\nright = { account = "zoho", object = "Leads" }\nwinner = "left"\n',
    )
    assert folder.load().connections["crm-book"].accounts == {"zoho"}


def test_an_unknown_account_gets_the_nearest_name(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR.replace("zoho", "zoho-crm"))
    problem = folder.problem()
    assert (problem.key, problem.line, problem.hint) == ("left.account", 1, 'did you mean "zoho"?')


def test_an_account_whose_file_has_mistakes_still_exists(folder: Any) -> None:
    folder.write("accounts.d/book.toml", 'app = "book"\n')
    assert {problem.key for problem in folder.problems()} == {"url", "username", "password"}


@pytest.mark.parametrize(
    ("app", "says", "hint"),
    [
        ('app = "boook"', 'no app "boook"', '"book"'),
        ('app = "salesforce"', 'no app "salesforce"', "expected one of book, crm"),
        ("app = 3", "expected text", "expected one of book, crm"),
        ('ap = "book"', "is missing", "expected one of book, crm"),
    ],
)
def test_an_unknown_app_gets_the_nearest_name(folder: Any, app: str, says: str, hint: str) -> None:
    folder.write("accounts.d/book.toml", app)
    problem = folder.problem()
    assert problem.key == "app"
    assert says in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        ('data_center = "de"', "data_center", "one of us, eu, in"),
        ("credit_share = 2", "credit_share", "at most 1"),
        ('credit_share = "half"', "credit_share", "expected a number"),
        ("concurrency = 1.5", "concurrency", "whole number"),
        ("concurrency = 0", "concurrency", "at least 1"),
        ("requests_per_second = 0", "requests_per_second", "more than 0"),
        ('settle = "2 hours"', "settle", "expected a duration"),
        ('timeout = "1h"', "timeout", "at most 600"),
        ('api_url = "ftp://x"', "api_url", "expected an https address"),
        ('api_url = "https://169.254.169.254"', "api_url", "is the address of no server"),
        ('api_url = "https://u:p@x/"', "api_url", "may not hold a login"),
        ('api_url = "https://x/?a=1"', "api_url", "query"),
        ('api_url = "https://[::1"', "api_url", "not a valid address"),
        ('api_url = "http://crm.example.org/"', "api_url", "expected https"),
        ('api_url = "http://crm.example.org/"\nallow_http = true', "api_url", "expected https"),
        ('api_url = "http://127.0.0.1.example.org/"\nallow_http = true', "api_url", "expected https"),
        ('api_url = "http://127.0.0.1:8080/"', "api_url", "is http"),
        ("api_url = 3", "api_url", "expected an address"),
    ],
)
def test_a_mistake_in_an_account_is_named(folder: Any, line: str, key: str, says: str) -> None:
    folder.write("accounts.d/zoho.toml", 'app = "crm"\nclient_id = "x"\nclient_secret = "env:CRM_SECRET"\n' + line)
    problem = folder.problem()
    assert (problem.key, problem.line) == (key, 4)
    assert says in problem.message


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:80", "127.8.9.1", "zoho.localhost"])
def test_http_is_accepted_on_this_machine_alone_and_when_asked_for(folder: Any, host: str) -> None:
    folder.write(
        "accounts.d/zoho.toml",
        f'app = "crm"\nclient_id = "x"\nclient_secret = "env:CRM_SECRET"\napi_url = "http://{host}/crm"\nallow_http = true\n',
    )
    assert folder.load().accounts["zoho"].options.api_url.origin == f"http://{host}"


@pytest.mark.parametrize("clear", ["hunter2", "1000.abc.def", "https://x", "vault:zoho", "env:my secret", "store:../x"])
def test_a_secret_in_clear_is_refused_and_not_repeated(folder: Any, clear: str) -> None:
    folder.write("accounts.d/zoho.toml", f'app = "crm"\nclient_id = "x"\nclient_secret = "{clear}"\n')
    problem = folder.problem()
    assert (problem.key, problem.line) == ("client_secret", 3)
    assert "env:" in problem.hint or "store:" in problem.hint
    assert clear not in str(problem)


def test_all_mistakes_of_all_files_come_at_once_in_order(folder: Any) -> None:
    folder.write("zohosyncd.toml", '[service]\nlog_level = "loud"\nlisten = "9595"\n')
    folder.write("accounts.d/book.toml", 'app = "book"\nurl = "x"\nusername = ""\npasword = "env:X"\n')
    folder.write("accounts.d/half.toml", 'app = "book')
    folder.write("connections.d/crm-book.toml", PAIR.replace("zoho", "zohoo") + "every = 1\n")
    where = [(problem.file.rsplit("/", 1)[1], problem.line, problem.key) for problem in folder.problems()]
    assert where == [
        ("zohosyncd.toml", 1, "service.state_key"),
        ("zohosyncd.toml", 2, "service.log_level"),
        ("zohosyncd.toml", 3, "service.listen"),
        ("book.toml", 2, "url"),
        ("book.toml", 3, "username"),
        ("book.toml", 4, "pasword"),
        ("book.toml", None, "password"),
        ("half.toml", 1, ""),
        ("crm-book.toml", 1, "left.account"),
        ("crm-book.toml", 3, "every"),
    ]


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[service]\n", "service.state_key", "is missing"),
        ("# nothing\n", "service.state_key", "is missing"),
        ("service = 3\n", "service", "expected a table"),
        ('listen = "127.0.0.1:1"\n[service]\nstate_key = "env:K"\n', "listen", "not a key here"),
        ('[service]\nstate_key = "env:K"\nlisten = "127.0.0.1:99999"\n', "service.listen", "host:port"),
        ('[service]\nstate_key = "env:K"\nstate = "postgresql://u@h/db"\n', "service.state", "not supported"),
        ('[service]\nstate_key = "env:K"\nstate = ""\n', "service.state", "expected a path"),
        ('[service]\nstate_key = "env:K"\nhooks_listen = "127.0.0.1:9595"\n', "service.hooks_listen", "same address"),
        (
            '[service]\nstate_key = "env:K"\n[oauth_clients.g]\nclient_secret = "env:X"\n',
            "oauth_clients.g.client_id",
            "is missing",
        ),
        ('[service]\nstate_key = "env:K"\n[oauth_clients.g]\nid = "x"\n', "", ""),
        ('[service]\nstate_key = "env:K"\n[accounts]\n', "accounts", "not a known key"),
    ],
)
def test_a_mistake_in_the_service_file_is_named(folder: Any, text: str, key: str, says: str) -> None:
    folder.write("zohosyncd.toml", text)
    problems = folder.problems()
    assert key in {problem.key for problem in problems} or not key
    assert any(says in problem.message for problem in problems)


def test_the_environment_moves_state_socket_and_listener(folder: Any, tmp_path: Path) -> None:
    folder.environ |= {
        "STATE_DIRECTORY": f"{tmp_path}/state:{tmp_path}/other",
        "RUNTIME_DIRECTORY": f"{tmp_path}/run",
        "ZOHOSYNCD_LISTEN": "0.0.0.0:80",
    }
    service = folder.load().service
    assert service.state == tmp_path / "state/state.db"
    assert service.control == tmp_path / "run/control.sock"
    assert service.listen == Listen("0.0.0.0", 80)


def test_the_file_beats_the_environment_for_paths_which_start_at_its_folder(folder: Any) -> None:
    folder.environ["STATE_DIRECTORY"] = "/elsewhere"
    folder.write("zohosyncd.toml", '[service]\nstate_key = "env:K"\nstate = "var/state.db"\n')
    service = folder.load().service
    assert service.state == folder.path / "var/state.db"
    assert service.control.name == "control.sock"


def test_without_a_run_folder_the_socket_stands_beside_the_state(folder: Any) -> None:
    if Path("/run/zohosyncd").exists():
        pytest.skip("this machine has the folder")
    folder.write("zohosyncd.toml", '[service]\nstate_key = "env:K"\nstate = "var/state.db"\n')
    assert folder.load().service.control == folder.path / "var/control.sock"


def test_a_wrong_listen_of_the_environment_is_refused(folder: Any) -> None:
    folder.environ["ZOHOSYNCD_LISTEN"] = "everywhere"
    problem = folder.problem()
    assert "ZOHOSYNCD_LISTEN" in str(problem)


def test_ipv6_addresses_stand_in_brackets(folder: Any) -> None:
    folder.write("zohosyncd.toml", '[service]\nstate_key = "env:K"\nlisten = "[::1]:9595"\n')
    listen = folder.load().service.listen
    assert (listen.host, listen.port, str(listen)) == ("::1", 9595, "[::1]:9595")


@pytest.mark.parametrize("name", ["left", "newest", "both", "values"])
def test_an_account_cannot_be_called_like_a_side_or_a_winner(folder: Any, name: str) -> None:
    folder.write(f"accounts.d/{name}.toml", "")
    assert f'cannot be called "{name}"' in folder.problem().message


def test_a_file_name_that_is_no_name_is_refused(folder: Any) -> None:
    folder.write("connections.d/crm book.toml", PAIR)
    assert "cannot be one" in folder.problem().message


def test_files_of_editors_and_of_other_kinds_are_left_alone(folder: Any) -> None:
    folder.write("connections.d/.#crm-book.toml", "???")
    folder.write("connections.d/crm-book.toml~", "???")
    folder.write("connections.d/readme.md", "???")
    folder.load()


def test_a_missing_folder_and_a_missing_service_file_are_named(folder: Any) -> None:
    (folder.path / "zohosyncd.toml").unlink()
    assert "no such file" in folder.problem().message
    folder.path = folder.path / "nowhere"
    assert "no such folder" in folder.problem().message
    assert "--config" in folder.problem().hint


def test_a_mistake_found_later_is_named_as_well(folder: Any) -> None:
    folder.write("connections.d/crm-book.toml", PAIR + 'winner = "newest"\n')
    settings = folder.load()
    error = settings.connection_error(
        "crm-book", ("winner",), "the address book has no modified time", hint='write "left"'
    )
    assert str(error).endswith('crm-book.toml:3: winner: the address book has no modified time (write "left")')
    assert settings.account_error("zoho", ("client_id",), "is unknown to Zoho").line == 2
    assert settings.service_error(("service", "listen"), "the port is in use").line == 1


def test_secrets_that_are_not_there_are_no_mistake_of_the_files_but_can_be_listed(folder: Any) -> None:
    folder.write(
        "accounts.d/book.toml", 'app = "book"\nurl = "https://x/"\nusername = "ann"\npassword = "store:book"\n'
    )
    del folder.environ["STATE_KEY"]
    settings = folder.load()
    missing = settings.secrets_missing(SecretSources(folder.path, folder.environ))
    assert [(error.key, error.line) for error in missing] == [("service.state_key", 2), ("password", 4)]
    assert "zohosyncd secret set book" in missing[1].hint


def test_importing_settings_brings_in_neither_the_network_nor_the_database() -> None:
    heavy = ("aiohttp", "sqlalchemy", "structlog", "prometheus_client", "cryptography", "phonenumbers")
    code = f"import sys, zohosyncd.settings; print([name for name in {heavy} if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_countries_are_those_whose_numbers_can_be_read() -> None:
    """With any other code no number without + would be read, and nobody be recognised by it."""
    from phonenumbers import SUPPORTED_REGIONS

    from zohosyncd.settings.countries import COUNTRIES, MEANT

    assert COUNTRIES == SUPPORTED_REGIONS
    assert not MEANT.keys() & COUNTRIES
    assert {*MEANT.values()} <= COUNTRIES
