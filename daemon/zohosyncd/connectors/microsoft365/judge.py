"""What Graph's answers say about login, rights and limits (vendor: error responses, throttling guidance).

Codes are compared without regard to case, and the more special code of an inner error counts, too: the vendor asks for
it. Messages are never looked at and never repeated: they change, and some name a person.
"""

from typing import Final

import msgspec

from zohosyncd.transport.call import Call
from zohosyncd.transport.judge import Denied, Failing, Fine, Judge, LoginRefused, Throttled, Verdict, by_status, is_page
from zohosyncd.transport.sender import Answered

FORGOTTEN: Final = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "errorinvalidsyncstatedata"})
"""A link to later changes has ended."""

_NO_MAILBOX: Final = frozenset(
    {"mailboxnotenabledforrestapi", "mailboxnothostedinexchangeonline", "errorinvaliduser", "extensionerror",
     "errornonexistentmailbox", "request_resourcenotfound"}
)  # fmt: skip


class Inner(msgspec.Struct, frozen=True):
    """The inner error, of which only a code matters."""

    code: str = ""


class Error(msgspec.Struct, frozen=True, rename={"inner": "innerError", "also": "innererror"}):
    """The error of an answer."""

    code: str = ""
    message: str = ""
    inner: Inner = Inner()
    also: Inner = Inner()

    @property
    def codes(self) -> frozenset[str]:
        """All its codes in lower case."""
        return frozenset(each.lower() for each in (self.code, self.inner.code, self.also.code) if each)


class _Body(msgspec.Struct, frozen=True):
    error: Error


_decode = msgspec.json.Decoder(_Body).decode


def error_in(body: bytes) -> Error:
    """The error of an answer; one without a code where the body is no error of Graph's."""
    try:
        return _decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Error()


def judge_for(account: str) -> Judge:
    """The judge of an account's answers, whose cures name it."""
    return lambda call, answer: judge(call, answer, account)


def judge(call: Call, answer: Answered, account: str = "NAME") -> Verdict:
    """Graph's own meaning of an answer; by its status where it says nothing special."""
    if answer.status < 400 or is_page(call, answer):
        return by_status(call, answer)
    codes = error_in(answer.body).codes
    if answer.status == 401:
        return LoginRefused()
    if answer.status in {429, 509}:
        return Throttled(None, "too many requests", spent=False)
    if answer.status == 404 and codes & _NO_MAILBOX:
        return Denied(
            "there is no mailbox in the cloud for this user",
            hint=f"check `user` in accounts.d/{account}.toml, the licence of that user, and where the mailbox lives",
        )
    if answer.status == 403:
        return Denied(
            "the login may not do this in Microsoft 365",
            hint=f"run zohosyncd auth {account}; for a login without a person an administrator has to allow the "
            "application permission Contacts.ReadWrite",
        )
    if answer.status >= 500:
        return Failing(f"status {answer.status}")
    return Fine() if answer.status in call.accept else by_status(call, answer)
