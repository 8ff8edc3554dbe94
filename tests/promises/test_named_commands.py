"""Every command that a document, a message or a cure names is one that exists."""

import re
from collections.abc import Iterator
from pathlib import Path

from zohosyncd.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
NAMED = re.compile(
    r"(?:`|\brun |bin/|\bsee |with |: )zohosyncd (?P<command>[a-z][a-z-]*)\b|zohosyncd (?P<other>[a-z][a-z-]*) (?:NAME|\{)"
)


def texts() -> Iterator[Path]:
    """Whatever an operator reads, and the code that speaks to him."""
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "daemon/README.md", "Dockerfile"))
    for folder, endings in (("daemon", "*.py"), ("config", "*.toml"), ("systemd", "*")):
        yield from sorted(path for path in (ROOT / folder).rglob(endings) if path.is_file())


def named(text: str) -> set[str]:
    return {found["command"] or found["other"] for found in NAMED.finditer(text)}


def test_every_command_that_is_named_exists() -> None:
    missing = {
        f"{path.relative_to(ROOT)}: {command}"
        for path in texts()
        for command in named(path.read_text(encoding="utf-8")) - set(COMMANDS)
    }
    assert missing == set()


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert named("cure: run zohosyncd frobnicate zoho") == {"frobnicate"}
    assert named("`zohosyncd plan NAME`, or see zohosyncd held") == {"plan", "held"}


def test_every_test_that_a_threat_names_exists() -> None:
    named_tests = re.findall(r"`(tests/[a-z_/]+\.py)`", (ROOT / "daemon/README.md").read_text(encoding="utf-8"))
    assert len(named_tests) > 10
    assert [each for each in named_tests if "myapp" not in each and not (ROOT / each).is_file()] == []
