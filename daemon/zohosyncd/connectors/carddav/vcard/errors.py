"""The one error of the vCard editor."""

from zohosyncd.core.errors import DataError


class VCardError(DataError):
    """A text that cannot be read as one vCard.

    Args:
        reason: what is wrong, without any value of the card.
        line: number of the physical line, counted from 1; 0 for the text as a whole.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"vCard line {line}: {reason}" if line else f"vCard: {reason}")
        self.reason = reason
        self.line = line
