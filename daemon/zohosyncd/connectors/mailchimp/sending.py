"""What is common to writes: one op after the other or several at once, refused values taken out, answers read."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from zohosyncd.connectors.mailchimp.bodies import Draft
from zohosyncd.connectors.mailchimp.client import MailchimpClient, Sent
from zohosyncd.connectors.mailchimp.feed import Source, with_all_tags
from zohosyncd.connectors.mailchimp.judge import Problem, problem_of
from zohosyncd.connectors.mailchimp.members import Shape, contact_of, query_fields, read
from zohosyncd.connectors.mailchimp.outcomes import fields_of, gone_field, of_field, refused
from zohosyncd.connectors.mailchimp.values import Row, is_shown
from zohosyncd.core.errors import RemoteError
from zohosyncd.core.record import Record
from zohosyncd.ports.connector import Done, NotSent, Pending, Refused, WriteOp, WriteResult
from zohosyncd.transport.sender import Answered
from zohosyncd.transport.together import together

MOST_ROUNDS: Final = 8
"""How often a member is sent again without a value that was refused."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where writes go: the audience, and whether members may lack what its form requires."""

    source: Source
    lenient: bool

    @property
    def client(self) -> MailchimpClient:
        """The account's."""
        return self.source.client

    @property
    def ref(self) -> str:
        """The audience."""
        return self.source.ref

    @property
    def shape(self) -> Shape:
        """Its schema."""
        return self.source.shape

    @property
    def fields(self) -> tuple[str, ...]:
        """All its fields."""
        return tuple(self.shape.schema.fields)

    async def member(self, key: str, fields: Sequence[str] | None = None) -> Row | None:
        """A member by contact id or hash, as it is now."""
        return await self.client.member(self.ref, key, query_fields(self.fields if fields is None else fields))


async def each_alone(
    ops: Sequence[WriteOp], carry_out: Callable[[WriteOp], Awaitable[WriteResult]]
) -> list[WriteResult]:
    """Several calls at once, one for each op.

    Raises:
        RemoteError: every op met it, so nothing was carried out.
    """
    errors: list[RemoteError] = []

    async def one(op: WriteOp) -> WriteResult:
        try:
            return await carry_out(op)
        except RemoteError as error:
            errors.append(error)
            return NotSent(error.message)

    results = await together(partial(one, op) for op in ops)
    if ops and len(errors) == len(ops):
        raise errors[0]
    return results


async def without_refused(
    draft: Draft, send: Callable[[], Awaitable[Sent]], keep: frozenset[str]
) -> Sent | WriteResult:
    """Send a draft, and once more for each value that was refused, without it.

    Args:
        keep: fields without which it is not sent: the refusal is the result then.

    Returns:
        The answer that took it, or what became of it.
    """
    for _ in range(MOST_ROUNDS):
        sent = await send()
        if not isinstance(sent, Answered) or sent.status != 400:
            return sent
        problem = problem_of(sent)
        refusal = refused(problem, sent.status)
        if problem is None or isinstance(refusal, Pending) or refusal.compliance or refusal.field in keep:
            return sent
        names = fields_of(problem) or [refusal.field]
        told = [refusal if name == refusal.field else of_field(name, problem) for name in names]
        if any(each.field in keep for each in told) or not [each for each in told if draft.without(each)]:
            return sent
        if not draft.body:
            return told[0]
    return Refused("INVALID_VALUE", message="Mailchimp refuses one value after the other")


def refusal_of(answer: Answered) -> Refused | Pending:
    """The refusal that an answer tells."""
    return refused(problem_of(answer), answer.status)


def problem_in(sent: Sent | WriteResult) -> Problem | None:
    """What a refused call says."""
    return problem_of(sent) if isinstance(sent, Answered) else None


async def done(target: Target, draft: Draft, row: Row, *, left: tuple[str, ...] = ()) -> Done:
    """A write that was carried out, with what the app shows of the member now.

    A merge field of which the answer knows nothing was dropped without a word.
    """
    gone = [gone_field(name) for name in draft.merge if not is_shown(name, row)]
    found: Record | None = None
    with suppress(RemoteError):  # the write stands all the same
        record = read(await with_all_tags(target.source, target.fields, row), target.fields, target.shape)
        found = record if isinstance(record, Record) else None
    version, modified = (found.version, found.modified) if found else (None, None)
    return Done(contact_of(row), version, modified, found, left, (*draft.refused, *gone))
