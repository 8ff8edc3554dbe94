"""The date that every HTTP answer carries."""

from email.utils import formatdate


def http_date(seconds: float) -> str:
    """A moment as in ``Date: Mon, 23 Nov 2026 08:15:00 GMT`` (RFC 9110, 5.6.7)."""
    return formatdate(int(seconds // 1), usegmt=True)
