"""What is shown on a terminal: names of contacts are other people's text, and a terminal obeys what stands in it."""

import re
from typing import Any, Final, TextIO

_OBEYED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and newline (ECMA-48: C0, DEL, C1), and those that override the direction of writing."""


def harmless(text: str) -> str:
    """The text with a sign in place of everything that a terminal would obey."""
    return _OBEYED.sub("\ufffd", text)


class HarmlessStream:
    """A terminal on which all that is written is :func:`harmless`. Everything else is the stream's own.

    Args:
        stream: the terminal; what draws by itself (tables) writes there, with values that are harmless already.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, made harmless."""
        return self.stream.write(harmless(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def drawn_on(stream: TextIO) -> TextIO:
    """Where those write who draw by themselves: the terminal itself, with values that are :func:`harmless` already."""
    return stream.stream if isinstance(stream, HarmlessStream) else stream
