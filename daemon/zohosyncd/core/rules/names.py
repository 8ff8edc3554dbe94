"""What a name in a rule means on one side. An app's own field wins over a word of the same spelling; that is told."""

from dataclasses import dataclass, replace
from typing import Final

from zohosyncd.core.lens.fit import nearest
from zohosyncd.core.rules.language import Operand
from zohosyncd.core.rules.subject import Owner
from zohosyncd.core.rules.vocabulary import CHANGED, CREATED, OPTED_OUT, OWNER, Vocabulary
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.spelling import fold

_NOT_COMPARED: Final = (FieldType.OTHER, FieldType.OWNER)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name means.

    Attributes:
        fields: one field, or those that mean the same; empty where it is a word.
        word: "owner", "opted_out", "moment" (created, changed) or "containers", "" where it is a field.
        kind: the kind of containers, "" where it is none.
        note: what an operator should know about the choice, "" for nothing.
    """

    fields: tuple[Field, ...] = ()
    word: str = ""
    kind: str = ""
    note: str = ""


def resolve(name: str, vocabulary: Vocabulary) -> Resolved | str:
    """What a name means here, or why it means nothing."""
    if name and name == vocabulary.owner_field:
        return Resolved(word="owner")
    field = vocabulary.schema.fields.get(name)
    word = _word(name, vocabulary)
    if field is not None and (special := _special(field, vocabulary)) is not None:
        return special
    if field is not None and field.type not in _NOT_COMPARED:
        fields = (field,)
        other = word is not None and fields != word.fields and field.semantic != name
        note = f'"{name}" is read as the app\'s own field of this name, not as the word "{name}"' if other else ""
        return Resolved(fields, note=note)
    if word is not None:
        return word if field is None or field.semantic == name else replace(word, note=_passed_over(name))
    if field is not None:
        return f"{name} is of a kind that rules cannot look at"
    if name in {OWNER, OPTED_OUT, CREATED, CHANGED}:
        return f'the app does not tell "{name}"'
    names = (*vocabulary.schema.fields, *vocabulary.words)
    near = nearest(name, names)
    return f'the app has no field "{name}"' + (f" (did you mean {near}?)" if near else "")


def owner_of(operand: Operand, vocabulary: Vocabulary) -> Owner | str:
    """The owner that an operand means by id, e-mail or name, or why it means nobody."""
    if not isinstance(operand, str) or not operand.strip():
        return "owner: expected a name, an e-mail address or an id in quotes"
    owners = vocabulary.owners or ()
    wanted = fold(operand)
    by_key = [each for each in owners if wanted in {fold(each.id), fold(each.email)} - {""}]
    found = by_key or [each for each in owners if fold(each.name) == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(str(each) for each in found)
        return f'{len(found)} owners are called "{operand}": use an e-mail address or an id ({several})'
    near = nearest(operand, [text for each in owners for text in (each.email, each.name) if text])
    return f'nobody who can own records is called "{operand}"' + (f" (did you mean {near}?)" if near else "")


def no_such_kind(kind: str, vocabulary: Vocabulary) -> str:
    """Why a kind of container cannot be used here."""
    has = ", ".join(vocabulary.containers)
    return f"the app has no {kind}: it has {has or 'no containers of any kind'}"


def container_problem(kind: str, name: str, vocabulary: Vocabulary) -> str:
    """What an operator should know about the name of a container, "" for nothing."""
    known = vocabulary.containers[kind]
    if known.names is None or fold(name) in {fold(each) for each in known.names}:
        return ""
    near = nearest(name, known.names)
    return f'{kind} has no "{name}" yet' + (f" (did you mean {near}?)" if near else "")


def _passed_over(name: str) -> str:
    return f'"{name}" is read as the word "{name}": rules cannot look at fields of the kind of the app\'s own "{name}"'


def _special(field: Field, vocabulary: Vocabulary) -> Resolved | None:
    """A field that shows what a word means, too: the app's own name for it is as good as the word."""
    if field.type is FieldType.OWNER:
        return Resolved(word="owner")
    if field.type is FieldType.NAMES:
        kinds = (kind for kind, each in vocabulary.containers.items() if each.field == field.name)
        return next((Resolved(word="containers", kind=kind) for kind in kinds), None)
    if field.type is FieldType.MOMENT and field.name == vocabulary.schema.created:
        return Resolved(word="moment")
    return None


def _word(name: str, vocabulary: Vocabulary) -> Resolved | None:
    if name not in vocabulary.words:
        return None
    if name == OWNER:
        return Resolved(word="owner")
    if name == OPTED_OUT:
        return Resolved(word="opted_out")
    if name in {CREATED, CHANGED}:
        return Resolved(word="moment")
    if name in vocabulary.containers:
        return Resolved(word="containers", kind=name)
    fields = tuple(each for each in vocabulary.schema.meaning(name) if each.type not in _NOT_COMPARED)
    return Resolved(fields) if fields else None
