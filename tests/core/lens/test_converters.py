"""Value maps and converters: what they do, and the laws of every lens they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.lens.test_lens_laws import text
from zohosyncd.core.errors import UsageError
from zohosyncd.core.lens.converter import (
    CASED,
    NO_PREFIX,
    NO_SUFFIX,
    NOTHING_LEFT,
    STANDS_FOR_EMPTY,
    WITH_TEXT,
    Conversion,
    Converter,
    cased_canon,
)
from zohosyncd.core.lens.fit import Fit
from zohosyncd.core.lens.joined_fields import UNCLEAR_PARTS, JoinedFields
from zohosyncd.core.lens.joined_name import NamePart
from zohosyncd.core.lens.text import REQUIRED, TOO_LONG
from zohosyncd.core.lens.value_map import NOT_MAPPED, ValueMap, fit_values
from zohosyncd.core.lens.wished import Wish, fit_wish
from zohosyncd.core.mapping import FieldPair, Pair, compile_mapping
from zohosyncd.core.record import Value
from zohosyncd.core.schema import Field, FieldType, Schema
from zohosyncd.core.side import Cleared, Direction, Side, Winner

T, C = FieldType, Conversion
HERE = Schema.of(
    Field("Type", T.CHOICE, choices=("Wholesale", "Retail", "Web", "B2B", "Press")),
    Field("Number", T.TEXT, max_length=10),
    Field("Street", T.TEXT),
    Field("House", T.TEXT, max_length=6),
    Field("Score", T.NUMBER),
)
THERE = Schema.of(
    Field("kind", T.CHOICE, choices=("B2B", "Shop", "web", "Other")),
    Field("customer", T.TEXT, max_length=20),
    Field("line", T.TEXT),
    Field("a", T.TEXT),
    Field("b", T.TEXT),
    Field("c", T.TEXT),
)


def pair(left: str | tuple[str, ...], right: str | tuple[str, ...], *convert: Converter, **more) -> Pair:
    wish = FieldPair(left, right, convert=convert, **more)
    return compile_mapping(HERE, THERE, pairs=[wish], direction=Direction.BOTH, region="").pairs[-1]


def problems(left: str | tuple[str, ...], right: str | tuple[str, ...], *convert: Converter, **more) -> str:
    with pytest.raises(UsageError) as caught:
        pair(left, right, *convert, **more)
    return str(caught.value)


class TestValueMap:
    PAIR = pair("Type", "kind", values={"Wholesale": "B2B", "retail": "shop"})

    def test_words_go_both_ways_in_the_spelling_of_the_app(self):
        assert self.PAIR.direction is Direction.BOTH
        assert self.PAIR.left.get({"Type": "Wholesale"}) == "B2B"
        assert self.PAIR.right.put("shop", {"kind": None}) == {"kind": "Shop"}
        assert self.PAIR.left.put("SHOP", {"Type": "Wholesale"}) == {"Type": "Retail"}

    def test_a_choice_of_the_same_spelling_needs_no_entry(self):
        assert self.PAIR.canon(self.PAIR.left.get({"Type": "Web"})) == self.PAIR.canon("web")
        assert self.PAIR.left.put("web", {"Type": None}) == {"Type": "Web"}

    def test_what_the_map_does_not_name_is_named_before_anything_is_written(self):
        assert self.PAIR.unmapped == (("B2B", "Press"), ("Other",))

    def test_what_the_map_does_not_name_is_refused_and_never_guessed(self):
        assert self.PAIR.right.refuses(self.PAIR.left.get({"Type": "Press"})) == NOT_MAPPED
        assert self.PAIR.left.refuses("Other") == NOT_MAPPED
        assert self.PAIR.left.put("Other", {"Type": "Web"}) == {}

    def test_a_word_that_is_spelled_like_one_of_the_other_side_does_not_mean_it(self):
        view = self.PAIR.left.get({"Type": "B2B"})
        assert self.PAIR.right.refuses(view) == NOT_MAPPED
        assert self.PAIR.canon(view) != self.PAIR.canon("B2B")

    def test_empty_is_empty(self):
        assert self.PAIR.left.put(None, {"Type": "Web"}) == {"Type": None}
        assert self.PAIR.right.refuses(self.PAIR.left.get({"Type": None}), {"kind": "Shop"}) is None

    def test_two_words_for_one_go_only_there_and_it_is_said_why(self):
        mapped = pair("Type", "kind", values={"Wholesale": "B2B", "Retail": "B2B"})
        assert mapped.direction is Direction.LEFT_TO_RIGHT
        assert mapped.narrowed == '"Wholesale" and "Retail" both become "B2B", which cannot be told apart again'
        backwards = FieldPair("Type", "kind", Direction.RIGHT_TO_LEFT, values={"Wholesale": "B2B", "Retail": "B2B"})
        with pytest.raises(UsageError, match="cannot be told apart again"):
            compile_mapping(HERE, THERE, pairs=[backwards], direction=Direction.BOTH, region="")

    def test_a_text_takes_only_the_words_of_the_map(self):
        mapped = pair("Type", "line", values={"Wholesale": "Grosshandel"})
        assert mapped.right.refuses(mapped.left.get({"Type": "Web"})) == NOT_MAPPED
        assert mapped.left.put("grosshandel", {"Type": None}) == {"Type": "Wholesale"}
        assert mapped.left.refuses("anything") == NOT_MAPPED
        assert mapped.unmapped[0] == ("Retail", "Web", "B2B", "Press")

    @pytest.mark.parametrize(
        ("left", "right", "values", "message"),
        [
            ("Type", "kind", {"Wholsale": "B2B"}, 'Type has no choice "Wholsale" (did you mean "Wholesale"?)'),
            ("Type", "kind", {"Web": "Shopp"}, 'kind has no choice "Shopp" (did you mean "Shop"?)'),
            ("Type", "kind", {"Web": " "}, "kind: an empty value has no entry"),
            ("Score", "kind", {"1": "Shop"}, "a value map is for choices and texts, Score is of type number"),
        ],
    )
    def test_what_is_wrong_is_told(self, left, right, values, message):
        assert message in problems(left, right, values=values)


class TestConverters:
    def test_a_prefix_goes_there_and_is_taken_off_on_the_way_back(self):
        mapped = pair("Number", "customer", Converter(C.PREFIX, "C-"))
        assert mapped.left.get({"Number": "47"}) == "C-47"
        assert mapped.left.put("C-48", {"Number": "47"}) == {"Number": "48"}
        assert mapped.left.refuses("48", {"Number": "47"}) == NO_PREFIX
        assert mapped.left.refuses("C-", {"Number": "47"}) == NOTHING_LEFT
        assert mapped.left.get({"Number": None}) is None

    def test_a_suffix_does_the_same(self):
        mapped = pair("Number", "customer", Converter(C.SUFFIX, " (CRM)"))
        assert mapped.left.get({"Number": "47"}) == "47 (CRM)"
        assert mapped.left.put("48 (CRM)", {"Number": "47"}) == {"Number": "48"}
        assert mapped.left.refuses("48", {"Number": "47"}) == NO_SUFFIX

    def test_case_alone_is_no_difference_and_does_not_come_back(self):
        mapped = pair("Number", "customer", Converter(C.UPPER))
        assert mapped.left.get({"Number": "ab"}) == "AB"
        assert mapped.left.put("AB", {"Number": "ab"}) == {}
        assert mapped.canon("straße") == mapped.canon("STRASSE")

    def test_a_default_shows_where_there_is_nothing_and_gives_way_to_a_value(self):
        mapped = pair("Number", "customer", Converter(C.DEFAULT, "none yet"))
        assert mapped.left.get({"Number": None}) == "none yet"
        assert mapped.left.put("none yet", {"Number": None}) == {}
        assert mapped.left.refuses(None, {"Number": "47"}) == STANDS_FOR_EMPTY
        assert mapped.fuller({"Number": None}, {"customer": "C-1"}) is Side.RIGHT
        assert mapped.fuller({"Number": None}, {"customer": None}) is None
        assert mapped.fuller({"Number": "x"}, {"customer": "C-1"}) is None

    def test_a_text_that_was_cut_behind_a_converter_is_part_of_the_whole(self):
        mapped = pair("Number", "customer", Converter(C.UPPER))
        assert mapped.left.shows_part("ABCDEFGHIJ", "abcdefghijkl")
        assert not mapped.left.shows_part("ABCDEFGHIK", "abcdefghijkl")

    def test_several_in_order(self):
        mapped = pair("Number", "customer", Converter(C.TRIM), Converter(C.UPPER), Converter(C.PREFIX, "c"))
        assert mapped.left.get({"Number": " a  b "}) == "cA B"
        assert mapped.left.put("cX", {"Number": "a"}) == {"Number": "X"}

    def test_join_and_its_way_back(self):
        mapped = pair(("Street", "House"), "line", Converter(C.JOIN, ", "))
        here: dict[str, Value] = {"Street": "Weg", "House": "1"}
        assert mapped.name == "Street + House = line"
        assert mapped.left.get(here) == "Weg, 1"
        assert mapped.left.put("Weg, 2", here) == {"House": "2"}
        assert mapped.left.put("Allee, 1", here) == {"Street": "Allee"}
        assert mapped.left.refuses("Weg, 1, links", here) == UNCLEAR_PARTS
        assert mapped.left.refuses("Weg", here) == UNCLEAR_PARTS
        assert mapped.left.put("Allee", {"Street": "Weg", "House": None}) == {"Street": "Allee"}
        assert mapped.left.put("Weg", {"Street": None, "House": None}) == {"Street": "Weg"}
        assert mapped.left.put(None, here) == {"Street": None, "House": None}
        assert mapped.left.refuses("Weg, 1234567", here) == TOO_LONG

    def test_split_is_the_same_seen_from_the_other_side(self):
        mapped = pair("Street", ("a", "b", "c"), Converter(C.SPLIT, "/"))
        empty = dict.fromkeys("abc")
        assert mapped.right.put("x / y / z", empty) == {}
        assert mapped.right.refuses("x / y / z", empty) == UNCLEAR_PARTS, "joined again it would be another text"
        assert mapped.right.put("x/y/z", empty) == {"a": "x", "b": "y", "c": "z"}
        assert mapped.right.refuses("x/y", empty) == UNCLEAR_PARTS

    def test_a_required_part_is_not_emptied(self):
        joined = JoinedFields((NamePart("a", required=True), NamePart("b")))
        assert joined.refuses(None, {"a": "x", "b": "y"}) == REQUIRED

    def test_a_part_that_holds_the_separator_is_not_torn_apart(self):
        mapped = pair(("Street", "House"), "line", Converter(C.JOIN, ", "))
        here: dict[str, Value] = {"Street": "Hof 3, Weg", "House": "1"}
        assert mapped.left.put(mapped.left.get(here), here) == {}
        assert mapped.left.refuses("Hof 3, Allee, 1", here) == UNCLEAR_PARTS

    @pytest.mark.parametrize(
        ("left", "right", "convert", "message"),
        [
            (("Street", "House"), "line", (), 'several fields on the left need the converter "join"'),
            ("Street", ("a", "b"), (), 'several fields on the right need the converter "split"'),
            ("Street", "line", (Converter(C.JOIN, " "),), '"join" needs several fields on the left'),
            ("Street", "line", (Converter(C.SPLIT, " "),), '"split" needs several fields on the right'),
            (("Street", "Street"), "line", (Converter(C.JOIN, " "),), "a field stands twice on the left"),
            (("Street", "House"), "line", (Converter(C.UPPER), Converter(C.JOIN, " ")), '"join" comes before'),
            ("Street", ("a", "b"), (Converter(C.SPLIT, " "), Converter(C.UPPER)), '"split" comes behind'),
            (("Street", "House"), "line", (Converter(C.JOIN),), '"join" needs a text'),
            ("Street", "line", (Converter(C.PREFIX, " "),), '"prefix" needs a text'),
            ("Street", "line", (Converter(C.TRIM, "x"),), '"trim" takes no text'),
            ("Score", "line", (Converter(C.TRIM),), "Score is of type number: converters are for text and choice"),
            (("Type", "Street"), "line", (Converter(C.JOIN, " "),), "Type is of type choice: converters are for text"),
            (("Street", "Hause"), "line", (Converter(C.JOIN, " "),), 'has no field "Hause" (did you mean "House"?)'),
        ],
    )
    def test_what_is_wrong_is_told(self, left, right, convert, message):
        assert message in problems(left, right, *convert)

    def test_a_value_map_and_converters_exclude_each_other(self):
        assert "exclude each other" in problems("Type", "kind", Converter(C.UPPER), values={"Web": "Shop"})


def test_a_pair_means_what_its_value_map_and_converters_say_and_the_mapping_also_who_wins():
    def mapping(**more):
        wish = FieldPair("Type", "kind", **more)
        return compile_mapping(HERE, THERE, pairs=[wish], direction=Direction.BOTH, region="")

    plain = mapping()
    others = [mapping(values={"Web": "Shop"}), mapping(values={"Web": "B2B"}), mapping(convert=(Converter(C.TRIM),))]
    assert len({each.version for each in (plain, *others)}) == 4
    assert len({each.pairs[-1].meaning for each in (plain, *others)}) == 4
    decided_otherwise = mapping(cleared=Cleared.KEEP, winner=Winner.LEFT)
    assert decided_otherwise.version != plain.version
    assert decided_otherwise.pairs[-1].meaning == plain.pairs[-1].meaning


STEPS = st.lists(
    st.one_of(
        st.sampled_from([Converter(C.TRIM), Converter(C.UPPER), Converter(C.LOWER)]),
        st.builds(
            Converter,
            st.sampled_from([C.DEFAULT, C.PREFIX, C.SUFFIX]),
            st.sampled_from(["C-", " (CRM)", "ß", "x y", "İ", "Nr. "]),
        ),
    ),
    min_size=1,
    max_size=4,
).map(tuple)
LENGTHS = st.sampled_from([None, 4])
SEPARATORS = st.sampled_from([" ", ", ", "-", "ab"])
WORDS = st.one_of(
    text, st.sampled_from(["C-1", "1 (CRM)", "C-", "a, b", "a b", "a-b-c", "x y z", "ＣＲＭ", "cC-", "ABBA"])
)
MAYBE = st.none() | WORDS


def lenses_of(left, right, values, convert) -> Fit:
    wish = fit_wish(left, right, values, convert, "")
    assert isinstance(wish, Wish)
    return wish.fit


def check_laws(fit: Fit, side: int, values: dict[str, Value], view) -> None:
    lens, canon = fit.lenses[side], fit.canon
    assert lens.put(lens.get(values), values) == {}
    assert canon(canon(view)) == canon(view)
    patch = lens.put(view, values)
    assert set(patch) <= set(lens.fields)
    after = {**values, **patch}
    if lens.refuses(view, values) is not None:
        assert after == values
        return
    shown = lens.get(after)
    assert canon(shown) == canon(view) or lens.shows_part(shown, view) or lens.shows_part(view, shown)
    assert lens.put(view, after) == {}
    empty = dict.fromkeys(lens.fields)
    if lens.refuses(view) is None:
        shown = lens.get({**empty, **lens.put(view, empty)})
        assert canon(shown) == canon(view) or lens.shows_part(shown, view)


@given(STEPS, LENGTHS, MAYBE, MAYBE)
def test_converters_keep_the_laws(steps, length, value, view):
    left, right = Field("x", T.TEXT, max_length=length), Field("y", T.TEXT)
    fit = lenses_of([left], [right], {}, steps)
    check_laws(fit, 0, {"x": value}, view)
    check_laws(fit, 1, {"y": value}, view)


@given(SEPARATORS, STEPS | st.just(()), st.tuples(MAYBE, MAYBE, MAYBE), MAYBE)
def test_joined_fields_keep_the_laws(separator, steps, values, view):
    parts = [Field(name, T.TEXT, max_length=length) for name, length in (("a", 4), ("b", None), ("c", None))]
    fit = lenses_of(parts, [Field("y", T.TEXT)], {}, (Converter(C.JOIN, separator), *steps))
    check_laws(fit, 0, dict(zip("abc", values, strict=True)), view)


@given(SEPARATORS, st.tuples(MAYBE, MAYBE, MAYBE), MAYBE)
def test_split_fields_keep_the_laws(separator, values, view):
    parts = [Field(name, T.TEXT) for name in "abc"]
    fit = lenses_of([Field("y", T.TEXT)], parts, {}, (Converter(C.UPPER), Converter(C.SPLIT, separator)))
    check_laws(fit, 1, dict(zip("abc", values, strict=True)), view)


CHOICES = ["Wholesale", "Retail", "Web", "B2B", "Straße", "ﬁ"]
CHOSEN = st.none() | st.sampled_from([*CHOICES, "web ", "STRASSE", "b2b", "gone"])


@given(
    st.dictionaries(st.sampled_from(CHOICES), st.sampled_from(CHOICES), min_size=1, max_size=4),
    st.sets(st.sampled_from(CHOICES)), st.sets(st.sampled_from(CHOICES)),
    st.sampled_from([T.CHOICE, T.TEXT]), st.sampled_from([T.CHOICE, T.TEXT]), CHOSEN, CHOSEN,
)  # fmt: skip
def test_value_maps_keep_the_laws(entries, more_left, more_right, left_type, right_type, value, view):
    left = Field("x", left_type, choices=tuple(sorted({*entries, *more_left})) if left_type is T.CHOICE else ())
    right = Field(
        "y", right_type, choices=tuple(sorted({*entries.values(), *more_right})) if right_type is T.CHOICE else ()
    )
    found = fit_values(left, right, entries)
    assert isinstance(found, ValueMap)
    check_laws(found.fit, 0, {"x": value}, view)
    check_laws(found.fit, 1, {"y": value}, view)


@given(
    st.dictionaries(st.sampled_from(CHOICES), st.sampled_from(CHOICES), min_size=1, max_size=4),
    st.sampled_from(CHOICES),
)
def test_a_value_goes_there_and_back_to_itself_or_is_refused_or_the_map_goes_one_way(entries, value):
    left, right = Field("x", T.CHOICE, choices=tuple(CHOICES)), Field("y", T.CHOICE, choices=tuple(CHOICES))
    found = fit_values(left, right, entries)
    assert isinstance(found, ValueMap)
    here, there = found.fit.lenses
    view = here.get({"x": value})
    if there.refuses(view) is not None:
        assert value in found.unmapped[0]
        return
    assert value not in found.unmapped[0]
    arrived = {"y": None, **there.put(view, {"y": None})}
    back = {"x": None, **here.put(there.get(arrived), {"x": None})}
    assert back["x"] == value or found.fit.direction is Direction.LEFT_TO_RIGHT


@given(st.one_of(WORDS, st.text(max_size=4)))
def test_text_compared_without_case_is_its_own_comparable_form(word):
    assert cased_canon(cased_canon(word)) == cased_canon(word)
    assert cased_canon(word) == cased_canon(word.upper()) == cased_canon(word.lower())


def test_every_converter_is_of_one_kind():
    assert set(WITH_TEXT) | set(CASED) | {C.TRIM} == set(Conversion)
