"""README's rehearsal, typed line by line: its blocks are taken out of README and do what it says."""

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.warm import script, warm

ROOT = Path(__file__).parents[2]
TITLE = "## A rehearsal, step by step"
CURL = """\
#!{python}
import sys, urllib.request
url, data = sys.argv[-3], sys.argv[-1]
urllib.request.urlopen(urllib.request.Request(url, data.encode(), method="POST"))
"""


def blocks() -> list[str]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(TITLE)[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


class Terminal:
    """Somebody who types README's blocks into one shell, with the sandbox in another."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        bin_ = folder / "bin"
        bin_.mkdir()
        (bin_ / "curl").write_text(CURL.format(python=sys.executable))
        (bin_ / "curl").chmod(0o755)
        script(bin_ / "zohosyncd", folder / "warm.sock")
        self.folder = folder
        self.environment = {"PATH": f"{bin_}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        self.typed = ""

    def serve(self, block: str) -> subprocess.Popen[str]:
        command = block.strip().replace(
            "zohosyncd sandbox", f"exec {sys.executable} -m zohosyncd sandbox --port {self.port}"
        )
        process = subprocess.Popen(
            ["bash", "-c", command], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert "sandbox:" in process.stdout.readline()
        return process

    def type(self, *several: str) -> str:
        """What is printed; the whole shell goes on where it was, as functions and variables stay."""
        text = "".join(several).replace("8099", self.port)
        mark = "=== typed ==="
        script = f"{self.typed}\necho '{mark}'\n{text}"
        ran = subprocess.run(
            ["bash", "-c", script],
            check=False,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.typed += "".join(f"{line}\n" for line in text.splitlines() if line.startswith(("cd ", "edit()")))
        assert "Traceback" not in ran.stderr
        return ran.stdout.split(mark)[1] + ran.stderr

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sandbox/state") as answer:
            found: dict[str, Any] = json.load(answer)["apps"]
            return found

    def cards(self, user: str) -> list[str]:
        return list(self.state()["carddav"][f"/{user}/contacts/"].values())


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    found = Terminal(tmp_path)
    with warm(tmp_path / "warm.sock", found.environment):
        process = found.serve(blocks()[0])
        yield found
        process.terminate()
        process.communicate(timeout=10)


def tags(cards: list[str]) -> set[str]:
    return {name for card in cards for name in re.findall(r"Zohosyncd \w+", card)}


def test_the_rehearsal_does_what_readme_says(terminal: Terminal) -> None:
    _, accounts, files, asking, first, clash, working, why = blocks()
    terminal.type(accounts)
    terminal.type(files)
    asked = terminal.type(asking)
    assert "zoho-ann    ok" in asked
    assert 'the value map has nothing for "Press"' in asked
    assert "Customer_Group = X-SEGMENT" in asked
    assert "would create     0 left, 4 right" in asked
    assert not any("CRM" in card for card in terminal.cards("ann")), "nothing is written before it is approved"
    done = terminal.type(first)
    assert "the first sync waits" in done
    assert "created 0 left, 4 right" in done
    assert "rehearsal" not in done, "a rehearsal reads as if it had been done"
    assert len(terminal.cards("ben")) == sum(
        each["Owner"]["email"] == "ben@example.com" and each["Lead_Source"] == "Web Download"
        and not each["Email_Opt_Out"] for each in terminal.state()["zoho_crm"]["Contacts"]
    )  # fmt: skip
    assert any("X-CUSTOMER-NUMBER:C-" in card and "X-SEGMENT:B2B" in card for card in terminal.cards("ann"))
    decided = terminal.type(clash)
    assert re.search(r"Marta .* clash +family_name +QUIST +Quist ", decided), "both values, to decide by"
    assert "decided: take zoho: 1\nthe next run carries it out" in decided
    assert "the value map has nothing" in decided
    assert any("N:QUIST;Marta" in card for card in terminal.cards("ann"))
    before = {user: len(terminal.cards(user)) for user in ("ann", "ben")}
    told = terminal.type(working, why)
    for reason in ("opted out on the other side, no rule matches any more", "deleted on the other side"):
        assert f": {reason}\n" in told, "plan says why a card is tagged"
    assert "rules[1].if[3]: opted_out is false: no (seen: unsubscribed)" in told
    assert "next: nothing: no rule matches any more" in told
    assert {user: len(terminal.cards(user)) for user in before} == {"ann": before["ann"], "ben": before["ben"] + 1}
    assert tags(terminal.cards("ann")) == {"Zohosyncd Unsubscribes", "Zohosyncd Left", "Zohosyncd Trash"}
    assert not any("Has opted out" in card or "Has gone to Ben" in card for card in terminal.cards("ann"))
    assert sum("Has gone to Ben" in card for card in terminal.cards("ben")) == 1
