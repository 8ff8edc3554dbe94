"""Secrets on their way into a command: from standard input or a prompt without echo, never among the arguments."""

import sys

import click

_PIECE = 8_000
_NO_TEXT = "it is no UTF-8 text"


def pieces(text: str) -> list[list[str]]:
    """A text in parts that the control socket takes."""
    return [[text[at : at + _PIECE]] for at in range(0, len(text), _PIECE)] or [[""]]


async def whispered(what: str, *, twice: bool = False) -> str:
    """Read a secret: all of standard input, or a prompt where that is a terminal. The newline at its end is no part.

    Args:
        what: names it in the prompt. twice: whether it is asked for again, against slips.

    Raises:
        UsageError: it is empty, too long or no text.
    """
    import anyio

    return await anyio.to_thread.run_sync(read, what, twice, abandon_on_cancel=True)


def read(what: str, twice: bool) -> str:
    """As :func:`whispered`, in its thread."""
    from zohosyncd.core.errors import UsageError
    from zohosyncd.settings.secrets import MAX_BYTES

    if sys.stdin.isatty():
        text = str(click.prompt(what, hide_input=True, confirmation_prompt=twice, err=True))
    else:
        try:
            text = sys.stdin.read(MAX_BYTES + 2)
        except UnicodeDecodeError:
            raise UsageError(_NO_TEXT, hint="nothing was changed") from None
    text = text.strip()
    if any("\ud800" <= sign <= "\udfff" for sign in text):  # what standard input makes of other bytes
        raise UsageError(_NO_TEXT, hint="nothing was changed")
    if not text:
        raise UsageError("nothing came from standard input", hint="nothing was changed")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise UsageError("it is larger than 64 KiB, so it is no secret", hint="nothing was changed")
    return text
