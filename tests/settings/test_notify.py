"""What ``[notify]`` may say, and how a mistake in it is told."""

from pathlib import Path

import pytest

from zohosyncd.core.errors import SettingsProblems
from zohosyncd.settings import SecretRef, Settings, Url, diff, load

SERVICE = '[service]\nstate_key = "env:KEY"\n\n'
MAIL = '[notify.mail]\nhost = "mail.example.org"\nsender = "a@example.org"\nto = ["b@example.org"]\n'


def loaded(folder: Path, text: str) -> Settings:
    (folder / "zohosyncd.toml").write_text(SERVICE + text)
    return load(folder, {}, environ={})


def test_a_webhook_is_an_address_or_where_it_is_kept(tmp_path: Path) -> None:
    for text, kind in (("https://hooks.example.org/x", Url), ("store:chat", SecretRef)):
        notify = loaded(tmp_path, f'[notify.webhook]\nurl = "{text}"\n').notify
        assert notify is not None
        assert notify.webhook is not None
        assert isinstance(notify.webhook.url, kind)
        assert (notify.silent_after, notify.held_above) == (3600.0, 100)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_a_mail_server_has_its_usual_port(tmp_path: Path, security: str, port: int) -> None:
    notify = loaded(tmp_path, f'{MAIL}security = "{security}"\n').notify
    assert notify is not None
    assert notify.mail is not None
    assert notify.mail.real_port == port


@pytest.mark.parametrize(
    ("text", "key", "told"),
    [
        ('[notify.webhook]\nurl = "http://hooks.example.org/x"\n', "url", "https"),
        ('[notify.webhook]\nurl = "http://127.0.0.1/x"\n', "url", "allow_http"),
        ('[notify.webhook]\nurl = "https://a:b@hooks.example.org/x"\n', "url", "login"),
        ("[notify.webhook]\n", "url", "missing"),
        ('[notify.webhook]\nurl = "https://h.example.org/"\nsigning_key = "in clear"\n', "signing_key", "in clear"),
        (MAIL + 'security = "none"\nlogin = { username = "a", password = "env:P" }\n', "security", "in clear"),
        (MAIL + 'login = { username = "a" }\n', "login.password", "missing"),
        (MAIL.replace("b@example.org", "Bob <b@example.org>"), "to[1]", "e-mail"),
        (MAIL.replace('"a@example.org"', '"a@example.org\\r\\nBcc: x@example.org"'), "sender", "e-mail"),
        (MAIL.replace('["b@example.org"]', "[]"), "to", "may not be empty"),
        ("[notify]\nheld_abov = 3\n", "held_abov", "held_above"),
        ('[notify]\nsilent_after = "3s"\n', "silent_after", "at least 60"),
    ],
)
def test_a_mistake_is_told_at_its_key(tmp_path: Path, text: str, key: str, told: str) -> None:
    with pytest.raises(SettingsProblems) as caught:
        loaded(tmp_path, text)
    (problem,) = caught.value.problems
    assert problem.key.endswith(key)
    assert told in str(problem)


def test_it_applies_without_a_restart(tmp_path: Path) -> None:
    before = loaded(tmp_path, MAIL)
    after = loaded(tmp_path, MAIL.replace("b@", "c@"))
    found = diff(before, after)
    assert (found.service_live, found.service_restart) == (("notify",), ())
