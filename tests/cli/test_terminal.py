"""Contacts are written by strangers: on a terminal they are text and nothing else."""

import os
import pty
import subprocess
import sys

import pytest

from zohosyncd.cli.terminal import harmless

HOSTILE = "Ann\x1b]0;owned\x07\x9b2J\x1b[8m\u202egpj.exe\r\x08\x7f"


def test_what_a_terminal_obeys_is_taken_out() -> None:
    assert harmless(HOSTILE) == "Ann\ufffd]0;owned\ufffd\ufffd2J\ufffd[8m\ufffdgpj.exe\ufffd\ufffd\ufffd"


@pytest.mark.parametrize("text", ["Zoë Ångström", "两\t行\n", "محمد", "👩‍👧", "O'Brien <a@example.org>"])
def test_names_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


SHOWN = """
import click, sys
from zohosyncd.cli import main, output
def show(**_):
    click.echo(sys.argv[1])
    click.echo(sys.argv[1], err=True)
    output.print_table(("name",), [(sys.argv[1],)], empty="")
main.zohosyncd.main = show
main.main()
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_lines_and_tables_obey_nobody_on_a_terminal_and_files_get_every_sign(terminal: bool) -> None:
    parent, child = pty.openpty()
    try:
        ran = subprocess.run(
            [sys.executable, "-c", SHOWN, HOSTILE],
            stdout=child if terminal else subprocess.PIPE, stderr=child if terminal else subprocess.PIPE, check=True,
        )  # fmt: skip
        said = os.read(parent, 65536) if terminal else ran.stdout
    finally:
        os.close(parent)
        os.close(child)
    assert said.count(b"owned") >= 2
    for sign in ("\x1b]0;", "\x9b2J", "\u202e", "\x08"):
        assert (sign.encode() in said) is not terminal
