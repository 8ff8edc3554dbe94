"""A value map between two fields: "Wholesale" here is "B2B" there. What the map does not name is never guessed.

The words of the right side are the view. A value without an entry stands for the choice of the same spelling on the
other side, if that side has such a choice and no entry uses it; every other value is refused where it would arrive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zohosyncd.core.lens import Lens, View
from zohosyncd.core.lens.fit import Fit, choice_lens, nearest
from zohosyncd.core.lens.text import fold_canon, text_of
from zohosyncd.core.record import Value, Values
from zohosyncd.core.schema import Field, FieldType
from zohosyncd.core.side import Direction
from zohosyncd.core.spelling import fold

NOT_MAPPED: Final = "the value map has nothing for this value"
_UNMAPPED: Final = " (not mapped)"
"""Behind a left value without an entry that is spelled like a word of the right: it does not mean the same."""


@dataclass(frozen=True, slots=True)
class TranslatedLens:
    """The left field, seen in the words of the right.

    Args:
        inner: the field. forward: right word by left word, folded. backward: left word by right word, folded.
    """

    inner: Lens
    forward: Mapping[str, str]
    backward: Mapping[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return self.inner.fields

    def get(self, values: Values) -> View:
        """The word of the right for the value, or the value itself where there is none."""
        text = text_of(self.inner.get(values))
        word = fold(text)
        if word in self.backward and word not in self.forward:
            return text + _UNMAPPED
        return self.forward.get(word, text) or None

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The left word for this one, unless the field says it already."""
        if fold_canon(view) == fold_canon(self.get(values)) or self.refuses(view, values) is not None:
            return {}
        return self.inner.put(self._back(view), values)

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what has no left word, and what the field itself refuses."""
        canon = fold_canon(view)
        if values is not None and canon == fold_canon(self.get(values)):
            return None
        if canon is not None and canon not in self.backward:
            return NOT_MAPPED
        return self.inner.refuses(self._back(view), values)

    def shows_part(self, view: View, whole: View) -> bool:  # noqa: ARG002  part of the protocol
        """Never: a word has no parts."""
        return False

    def _back(self, view: View) -> View:
        return self.backward.get(fold(text_of(view)), None)


@dataclass(frozen=True, slots=True)
class LimitedLens:
    """The right field, which takes only words that the map knows (folded)."""

    inner: Lens
    words: frozenset[str]

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field."""
        return self.inner.fields

    def get(self, values: Values) -> View:
        """What the field shows."""
        return self.inner.get(values)

    def put(self, view: View, values: Values) -> dict[str, Value]:
        """The word, if the map knows it."""
        return {} if self.refuses(view, values) is not None else self.inner.put(view, values)

    def refuses(self, view: View, values: Values | None = None) -> str | None:
        """Refuses what the map does not know, and what the field itself refuses."""
        canon = fold_canon(view)
        if values is not None and canon == fold_canon(self.get(values)):
            return None
        if canon is not None and canon not in self.words:
            return NOT_MAPPED
        return self.inner.refuses(view, values)

    def shows_part(self, view: View, whole: View) -> bool:
        """As the field itself."""
        return self.inner.shows_part(view, whole)


@dataclass(frozen=True, slots=True)
class ValueMap:
    """A value map that fits two fields.

    Attributes:
        fit: the two lenses, and the direction that the map allows, with the reason.
        unmapped: the choices of the left and of the right that the map has nothing for.
    """

    fit: Fit
    unmapped: tuple[tuple[str, ...], tuple[str, ...]]


def fit_values(left: Field, right: Field, values: Mapping[str, str]) -> ValueMap | tuple[str, ...]:
    """The pair of two fields under a value map, or everything that is wrong with it.

    Args:
        left: a choice or a text. right: a choice or a text. values: right word by left word.
    """
    mistakes = [
        f"a value map is for choices and texts, {field.name} is of type {field.type}"
        for field in (left, right)
        if field.type not in {FieldType.CHOICE, FieldType.TEXT}
    ]
    for field, words in ((left, list(values)), (right, list(dict.fromkeys(values.values())))):
        mistakes += [problem for word in words if (problem := _no_choice(field, word))]
    if mistakes:
        return tuple(mistakes)
    forward = {fold(word): there for word, there in values.items()}
    taken = {fold(there) for there in values.values()}
    forward |= _same_spelling(left.choices, right.choices, {*forward}, taken)
    backward: dict[str, list[str]] = {}
    spelled = {fold(word): word for word in (*left.choices, *values)}
    for word, there in forward.items():
        backward.setdefault(fold(there), []).append(spelled[word])
    several = {there: words for there, words in backward.items() if len(words) > 1}
    lenses: tuple[Lens, Lens] = (
        TranslatedLens(choice_lens(left), forward, {there: words[0] for there, words in backward.items()}),
        LimitedLens(choice_lens(right), frozenset(backward)),
    )
    direction = Direction.LEFT_TO_RIGHT if several else Direction.BOTH
    fit = Fit(lenses, fold_canon, direction, _ambiguous(forward, several))
    unmapped = (
        tuple(choice for choice in left.choices if fold(choice) not in forward),
        tuple(choice for choice in right.choices if fold(choice) not in backward),
    )
    return ValueMap(fit, unmapped)


def _same_spelling(left: Sequence[str], right: Sequence[str], named: set[str], taken: set[str]) -> dict[str, str]:
    """Choices of both sides that are spelled alike and that no entry uses."""
    there = {fold(choice): choice for choice in right}
    return {word: there[word] for choice in left if (word := fold(choice)) in there and word not in named | taken}


def _ambiguous(forward: Mapping[str, str], several: Mapping[str, Sequence[str]]) -> str:
    there = next(iter(several), None)
    if there is None:
        return ""
    words = " and ".join(f'"{word}"' for word in several[there])
    return f'{words} both become "{forward[fold(several[there][0])]}", which cannot be told apart again'


def _no_choice(field: Field, word: str) -> str:
    if not word.strip():
        return f"{field.name}: an empty value has no entry, it stays empty"
    if field.type is not FieldType.CHOICE or not field.choices or fold(word) in {fold(each) for each in field.choices}:
        return ""
    near = nearest(word, field.choices)
    return f'{field.name} has no choice "{word}"' + (f" (did you mean {near}?)" if near else "")
