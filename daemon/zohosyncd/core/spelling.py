"""Unicode form, spacing and case of texts: what a person does not see or does not mean."""

import unicodedata


def squeeze(text: str) -> str:
    """Unicode NFC, trimmed, every run of white space one space; case stays."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def fold(text: str) -> str:
    """As :func:`squeeze`, without regard to case (Unicode core specification 3.13, D145)."""
    if text.isascii():
        return " ".join(text.lower().split())
    return squeeze(unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold()))


def fold_compatible(text: str) -> str:
    """As :func:`fold`, and full-width, ligature and other compatibility forms are one (D146)."""
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    text = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(unicodedata.normalize("NFKC", text).split())
