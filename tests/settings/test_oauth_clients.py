"""OAuth clients that accounts share: one table of the service's file, fifty mailboxes."""

from typing import Any

import pytest

from zohosyncd.settings import OAuthClient, Secret, SecretRef, diff, in_force

SERVICE = '[service]\nstate_key = "env:STATE_KEY"\n'
GOOGLE = '[oauth_clients.google]\nclient_id = "123.apps"\nclient_secret = "file:google"\n'
SHARED = 'app = "people"\noauth_client = "google"\n'


@pytest.fixture
def office(folder: Any) -> Any:
    folder.write("zohosyncd.toml", SERVICE + GOOGLE)
    folder.write("google", "geheim").chmod(0o600)
    for name in ("ann", "ben"):
        folder.write(f"accounts.d/{name}.toml", SHARED)
    return folder


def test_many_accounts_share_one_client(office: Any) -> None:
    settings = office.load()
    client = OAuthClient(client_id="123.apps", client_secret=SecretRef("file", "google"))
    for name in ("ann", "ben"):
        options = settings.accounts[name].options
        assert options.client == client
        assert options.secrets() == {}, "the account's own file names no secret"
        assert options.all_secrets() == {"client_secret": SecretRef("file", "google")}


def test_an_account_may_have_a_client_of_its_own(office: Any) -> None:
    office.write("accounts.d/ann.toml", 'app = "people"\nclient_id = "own"\nclient_secret = "env:CRM_SECRET"\n')
    client = office.load().accounts["ann"].options.client
    assert (client.client_id, str(client.client_secret)) == ("own", "env:CRM_SECRET")


def test_a_client_that_is_not_there_is_a_mistake_at_its_key_with_the_nearest_name(office: Any) -> None:
    office.write("accounts.d/ann.toml", '# mailbox\napp = "people"\noauth_client = "gogle"\n')
    problem = office.problem()
    assert (problem.file.endswith("accounts.d/ann.toml"), problem.line, problem.key) == (True, 3, "oauth_client")
    assert (problem.message, problem.hint) == (
        "zohosyncd.toml has no [oauth_clients.gogle]", 'did you mean "google"?',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "key", "says"),
    [
        ("", "client_id", "is missing"),
        ('client_secret = "env:X"\n', "client_id", "is missing"),
        ('client_id = "x"\n', "client_secret", "is missing"),
        ('oauth_client = "google"\nclient_id = "x"\n', "client_id", 'beside oauth_client = "google"'),
        ('oauth_client = "google"\nclient_secret = "env:X"\n', "client_secret", "beside oauth_client"),
        ("oauth_client = 3\n", "oauth_client", "expected the name of an OAuth client"),
        ('oauth_client = ""\n', "oauth_client", "expected the name of an OAuth client"),
        ('oauth_client = "google"\nlogin = ""\n', "login", "may not be empty"),
        ('oauth_client = "bare"\n', "oauth_client", "[oauth_clients.bare] has no client_secret"),
        ('client_id = "x"\nclient_secret = "geheim"\n', "client_secret", "a secret in clear"),
    ],
)
def test_exactly_one_client_is_named(office: Any, lines: str, key: str, says: str) -> None:
    office.write("zohosyncd.toml", SERVICE + GOOGLE + '[oauth_clients.bare]\nclient_id = "x"\n')
    office.write("accounts.d/ann.toml", f'app = "people"\n{lines}')
    problem = office.problem()
    assert problem.key == key
    assert says in problem.message
    assert "geheim" not in str(problem)


def test_an_app_of_public_clients_takes_one_without_a_secret(office: Any) -> None:
    office.write("accounts.d/ann.toml", 'app = "public"\nclient_id = "x"\n')
    options = office.load().accounts["ann"].options
    assert (options.client.client_secret, options.all_secrets()) == (None, {})


def test_a_service_file_with_a_mistake_is_told_without_blaming_the_accounts(office: Any) -> None:
    office.write("zohosyncd.toml", SERVICE + GOOGLE + 'colour = "red"\n')
    assert office.problem().key == "oauth_clients.google.colour"


def test_a_changed_client_is_a_change_of_the_accounts_that_share_it_and_needs_no_restart(office: Any) -> None:
    office.write("accounts.d/cleo.toml", 'app = "people"\nclient_id = "own"\nclient_secret = "env:CRM_SECRET"\n')
    old = office.load()
    office.write("zohosyncd.toml", SERVICE + GOOGLE.replace("123", "456"))
    new = office.load()
    change = diff(old, new)
    assert change.accounts.changed == {"ann": ("oauth_client",), "ben": ("oauth_client",)}
    assert (change.service_live, change.service_restart) == (("oauth_clients.google",), ())
    assert in_force(old, new).accounts["ann"].options.client.client_id == "456.apps"
    assert not diff(in_force(old, new), new)


def test_a_rotated_secret_is_a_change_of_the_accounts_that_share_it(office: Any) -> None:
    old = office.load()
    office.write("google", "another").chmod(0o600)
    change = diff(old, office.load())
    assert change.accounts.changed == {"ann": ("secrets",), "ben": ("secrets",)}
    assert (change.service_live, change.service_restart) == ((), ())
    assert "geheim" not in repr(old)


def test_a_rotated_secret_of_the_state_is_one_too(office: Any) -> None:
    office.write("zohosyncd.toml", SERVICE + GOOGLE.replace("file:google", "store:google"))
    old = office.load(stored={"google": Secret("a")})
    assert set(diff(old, office.load(stored={"google": Secret("b")})).accounts.changed) == {"ann", "ben"}
    assert not diff(old, office.load(stored={"google": Secret("a")}))


def test_only_where_an_app_tells_whose_login_it_is_the_file_may_say_it(office: Any) -> None:
    office.write("accounts.d/ann.toml", SHARED.replace("people", "quiet", 1) + 'login = "ann@example.org"\n')
    problem = office.problem()
    assert (problem.key, problem.message) == ("login", "is not a known key")
