"""searchContacts: phrases by their beginnings, and a cache that has to be warm."""

import pytest

from tests.sandbox.google.conftest import Google


def search(google: Google, query: str, **more: str) -> list[str]:
    found = google.ok("GET", "people:searchContacts", query=query, readMask="names", **more)
    return [each["person"]["names"][0]["displayName"] for each in found.get("results", [])]


def warm(google: Google) -> None:
    google.ok("GET", "people:searchContacts", query="", readMask="names")
    google.later(5)


@pytest.fixture
def known(google: Google) -> Google:
    google.app.load("ann@example.org", [
        {"names": [{"givenName": "Foo", "familyName": "Name"}], "emailAddresses": [{"value": "foo.bar@example.com"}],
         "organizations": [{"name": "Acme Works"}], "phoneNumbers": [{"value": "+49 30 1234"}]},
        {"names": [{"givenName": "Other"}], "biographies": [{"value": "foo"}]},
    ])  # fmt: skip
    warm(google)
    return google


@pytest.mark.parametrize("query", ["f", "fo", "foo", "foo n", "nam", "FOO  NAME", "foo.bar@", "bar", "acme w", "works",
                                   "+49 30", "name foo"])  # fmt: skip
def test_a_query_meets_phrases_from_the_beginning_of_a_word(known: Google, query: str) -> None:
    assert search(known, query) == ["Foo Name"]


@pytest.mark.parametrize("query", ["oo n", "ame", "xyz", "foo bar"])
def test_and_nothing_else(known: Google, query: str) -> None:
    assert search(known, query) == []


def test_a_cold_cache_knows_nobody(google: Google) -> None:
    google.app.load("ann@example.org", [{"names": [{"givenName": "Foo"}]}])
    assert search(google, "foo") == []
    google.ok("GET", "people:searchContacts", query="", readMask="names")
    assert search(google, "foo") == []
    google.later(5)
    assert search(google, "foo") == ["Foo"]


def test_what_was_written_is_found_only_after_the_next_warm_up(known: Google) -> None:
    known.named("Foolish")
    warm(known)
    assert search(known, "fool") == []
    known.later(100)
    assert search(known, "fool") == []
    warm(known)
    assert search(known, "fool") == ["Foolish"]


def test_a_search_has_a_mask_and_at_most_30_results(google: Google) -> None:
    google.app.load("ann@example.org", [{"names": [{"givenName": f"Foo {n}"}]} for n in range(40)])
    warm(google)
    assert len(search(google, "foo")) == 10
    assert len(search(google, "foo", pageSize="500")) == 30
    assert google.call("GET", "people:searchContacts", query="foo").status == 400
    assert google.call("GET", "people:searchContacts", readMask="names").status == 400
