"""What a new record is made of, as an operator wants it: its source's values, what rules give, and its consent."""

from dataclasses import dataclass, field, replace
from typing import Final

from zohosyncd.core.consent import Consent, ConsentBase, ConsentState, NewMember, Opt, Travel, state_of_new
from zohosyncd.core.create import Creation, Impossible, create
from zohosyncd.core.decide import crosses
from zohosyncd.core.extras import Extras
from zohosyncd.core.governance import Governance, has_consent, tag_kind
from zohosyncd.core.mapping import ContactMapping
from zohosyncd.core.outcome import Policy
from zohosyncd.core.record import Record, Unread, Values
from zohosyncd.core.rules.actions import Actions, act
from zohosyncd.core.rules.scope import Crossing
from zohosyncd.core.schema import Schema
from zohosyncd.core.side import Side

NEW_STATE: Final = "consent:new"
"""Stands in ``Creation.given``: the state that is written is nobody's word, see ``ConsentBase.new``."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is written beside mapped values. ``given``: effects of rules that will be undone."""

    values: Values = field(default_factory=dict)
    given: Values = field(default_factory=dict)


def newborn(
    mapping: ContactMapping, policy: Policy, governance: Governance, side: Side, schema: Schema, source: Record
) -> Creation | Impossible | Crossing:
    """What is created on the other side for a record of ``side``, or why nothing is.

    Args:
        mapping, policy, governance: the connection's. schema: the target's fields. source: the record.

    Returns:
        A crossing other than CREATE where it is not to be created (at least for now).
    """
    found = crosses(governance, policy, side, source)
    return born(mapping, governance, side, schema, source) if found is Crossing.CREATE else found


def born(
    mapping: ContactMapping, governance: Governance, side: Side, schema: Schema, source: Record,
    known: ConsentBase | None = None,
) -> Creation | Impossible | Crossing:  # fmt: skip
    """As :func:`newborn`, of a record that is to be created whatever the rules say: its partner was lost.

    Args:
        known: what the link remembers of consent.

    Returns:
        UNREAD where nobody may be created yet, because the consent of the source was not read.
    """
    if governance.is_empty and not _has_states(governance.schemas.get(side.other)):
        return create(mapping, side.other, schema, source)
    beside = _beside(governance, side, source, known)
    if beside is None:
        return Crossing.UNREAD
    made = create(mapping, side.other, schema, source, beside.values)
    if isinstance(made, Impossible):
        return made
    mapped = mapping.used_fields(side)  # what is mapped and was refused stays news
    seen = {name: value for name, value in governance.seen(side, source).items() if name not in mapped}
    return replace(made, source={**made.source, **seen}, given=beside.given)


def _has_states(schema: Schema | None) -> bool:
    """Whether everybody there is in some state of consent: a new one needs it, whatever its source knows of consent."""
    return schema is not None and schema.consent is not None


def _beside(governance: Governance, side: Side, source: Record, known: ConsentBase | None) -> _Beside | None:
    target = side.other
    schema, subject = governance.schemas[target], governance.subject(side, source)
    extras = Extras(schema, Record("", {}))
    actions = act(governance.rules, side, governance.rules.matches(side, subject), None)
    extras.fields.update(actions.fields)
    for kind, name in actions.add:
        extras.add(kind, name)
    if actions.owner is not None:
        extras.fields[schema.owner] = actions.owner
    given = dict(actions.applied.given)
    said = subject.consent if has_consent(governance.schemas[side]) else Consent(ConsentState.NEVER)
    if has_consent(schema):
        state = _state(governance, target, said, actions, known)
        if state is None:
            return None
        if state is not ConsentState.NEVER:
            extras.opt(state)
        if state is ConsentState.UNSUBSCRIBED and not _is_own_word(governance, target, said, actions, known):
            given[NEW_STATE] = True
    elif not isinstance(said, Unread) and said.out and governance.consent.onto.get(target) is Travel.TAG:
        extras.add(tag_kind(schema), governance.consent_tag)
    return _Beside(extras.patch(), given)


def _is_own_word(
    governance: Governance, target: Side, said: Consent | Unread, actions: Actions, known: ConsentBase | None
) -> bool:
    """Whether somebody has opted out, and it is not only what the operator says of new members."""
    asked = replace(governance.consent, new=NewMember.PENDING)
    return actions.opt is Opt.OUT or state_of_new(target, said, asked, known) is ConsentState.UNSUBSCRIBED


def _state(
    governance: Governance, target: Side, said: Consent | Unread, actions: Actions, known: ConsentBase | None
) -> ConsentState | None:
    """The state in which it is created. A rule may opt it out at once; opting in has to wait for evidence."""
    state = state_of_new(target, said, governance.consent, known)
    return ConsentState.UNSUBSCRIBED if state is not None and actions.opt is Opt.OUT else state
