"""Two sides as rules see them: a CRM with owners, tags and an opt-out flag; an address book with labels."""

from typing import Any

from zohosyncd.core.consent import Consent
from zohosyncd.core.record import UNREAD, Record, Unread, Value
from zohosyncd.core.rules.compiling import Compilation, RuleSet, compile_rules
from zohosyncd.core.rules.language import Condition, Operator, Rule, Test
from zohosyncd.core.rules.subject import Owner, Subject
from zohosyncd.core.rules.vocabulary import Containers, Vocabulary
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Side

T = FieldType
ANN = Owner("1", "Ann Lee", "ann@example.org")
BEN = Owner("2", "Ben Roe", "ben@example.org")
BEN_TOO = Owner("3", "Ben Roe", "roe@example.org")
CRM = Vocabulary(
    Schema.of(
        Field("First_Name", T.TEXT, semantic="given_name"),
        Field("Last_Name", T.TEXT, semantic="family_name", required=True),
        Field("Email", T.EMAIL, semantic="emails"),
        Field("Secondary_Email", T.EMAIL, semantic="emails", slot=1),
        Field("Phone", T.PHONE, semantic="phones"),
        Field("Website", T.URL, semantic="websites"),
        Field("Lead_Source", T.CHOICE, choices=("Web", "Advertisement", "Trade Show")),
        Field("Date_of_Birth", T.DATE, semantic="birthday"),
        Field("Score", T.NUMBER),
        Field("Code", T.TEXT, max_length=5),
        Field("Vip", T.BOOLEAN),
        Field("Last_Call", T.MOMENT),
        Field("Email_Opt_Out", T.BOOLEAN, semantic="opted_out"),
        Field("Owner", T.TEXT, writable=False),
        Field("Created_Time", T.OTHER, writable=False),
        Field("Full_Name", T.TEXT, writable=False),
    ),
    containers={"tags": Containers(("CRM", "Fair 2026"), creatable=False, max_length=25)},
    owner=True,
    owner_field="Owner",
    owners=(ANN, BEN, BEN_TOO),
    created=True,
    changed=True,
)
BOOK = Vocabulary(
    Schema.of(
        Field("given", T.TEXT, semantic="given_name"),
        Field("mails", T.EMAILS, semantic="emails"),
        Field("home", T.ADDRESS, semantic="address"),
        Field("born", T.DATE, semantic="birthday", yearless=True),
        Field("title", T.NUMBER),  # not what the word means
        Field("job", T.TEXT, semantic="title"),
        Field("note", T.TEXT),
    ),
    containers={"labels": Containers()},
    changed=True,
)
BOTH = {Side.LEFT: CRM, Side.RIGHT: BOOK}


def compiled(*rules: Rule, **more: Any) -> Compilation:
    return compile_rules(rules, BOTH, **more)


def good(*rules: Rule, **more: Any) -> RuleSet:
    compilation = compiled(*rules, **more)
    assert compilation.problems == ()
    return compilation.rules


def test(name: str, operator: str, *operands: str | bool | float) -> Test:
    return Test(name, Operator(operator), operands)


test.__test__ = False  # type: ignore[attr-defined]


def problems(*conditions: Condition, side: Side = Side.LEFT) -> list[str]:
    return [str(each) for each in compiled(Rule(side, conditions)).problems]


def person(
    *,
    tags: tuple[str, ...] | None = (),
    labels: tuple[str, ...] | None = (),
    owner: Owner | Unread | None = UNREAD,
    consent: Consent | Unread = UNREAD,
    created: float | None = None,
    changed: float | None = None,
    **values: Value,
) -> Subject:
    """A record with just these things read of it."""
    found = {"tags": tags, "labels": labels}
    containers = {kind: frozenset(names) for kind, names in found.items() if names is not None}
    return Subject(Record("x", values, modified=changed), containers, owner, consent, created)
