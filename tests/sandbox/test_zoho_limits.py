"""Limits that bite, as the org's other tools and all spellings of a refusal know them."""

import pytest

from zohosyncd.sandbox.wire import Request


def test_what_other_tools_of_the_org_spend_is_gone_for_us(make_zoho):
    zoho = make_zoho(credits=20)
    zoho.app.tune({"others_spend": 15})
    assert zoho.call("GET", "org").headers["X-API-CREDITS-REMAINING"] == "4"
    zoho.app.tune({"others_spend": 1_000})
    assert zoho.call("GET", "org").status == 429
    zoho.clock.moment += 86_401
    zoho.log_in()
    assert zoho.call("GET", "org").status == 200


@pytest.mark.parametrize(
    ("spelling", "status", "word", "said"),
    [
        ("plain", 429, "TOO_MANY_REQUESTS", "24 hours"),
        ("vague", 429, "TOO_MANY_REQUESTS", "too many requests"),
        ("rate_limit", 429, "RATE_LIMIT_EXCEEDED", "24 hours"),
        ("limit_reached", 429, "LIMIT_REACHED", "24 hours"),
        ("bad_request", 400, "TOO_MANY_REQUESTS", "24 hours"),
    ],
)
def test_a_refusal_has_several_spellings(make_zoho, spelling, status, word, said):
    zoho = make_zoho(credits=0, spelling=spelling)
    refused = zoho.call("GET", "org")
    assert (refused.status, refused.body["code"]) == (status, word)
    assert said in refused.body["message"]


def test_earlier_versions_refused_with_another_body(make_zoho):
    zoho = make_zoho(credits=0)
    zoho.app.tune({"spelling": "old"})
    body = zoho.call("GET", "org").body
    assert (body["code"], body["error"]) == (429, "TOO_MANY_REQUESTS")
    assert "24 hours" in body["error_info"]
    with pytest.raises(ValueError, match="spelling"):
        zoho.app.tune({"spelling": "unheard of"})


def test_a_call_that_is_refused_because_too_many_run_is_charged(make_zoho):
    zoho = make_zoho(credits=20, edition="free")
    call = Request("GET", "/crm/v8/org")
    used = zoho.app.purse.used()
    assert zoho.world.crowded(call, [call] * 6).status == 429
    assert zoho.app.purse.used() == used + 1
