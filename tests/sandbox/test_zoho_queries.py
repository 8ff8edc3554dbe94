"""COQL: what a query may ask, what it shows, what it costs."""

import pytest

PEOPLE = "select Last_Name, Modified_Time from Contacts where id is not null"


def ask(zoho, text):
    return zoho.call("POST", "coql", body={"select_query": text})


def names(reply):
    return [row["Last_Name"] for row in reply.rows]


def test_rows_come_by_id_200_at_a_time_and_say_whether_there_are_more(zoho):
    zoho.fill(250)
    first = ask(zoho, PEOPLE)
    assert names(first)[:2] == ["Person 0", "Person 1"]
    assert first.body["info"] == {"count": 200, "more_records": True}
    assert ask(zoho, f"{PEOPLE} limit 200, 200").body["info"] == {"count": 50, "more_records": False}
    assert names(ask(zoho, f"{PEOPLE} limit 50 offset 200")) == names(ask(zoho, f"{PEOPLE} limit 200, 50"))


def test_no_rows_are_204_without_a_body(zoho):
    assert (ask(zoho, PEOPLE).status, ask(zoho, PEOPLE).body) == (204, b"")


@pytest.mark.parametrize(("limit", "cost"), [("", 1), (" limit 200", 1), (" limit 0, 201", 2), (" limit 1000", 2),
                                                (" limit 0,2000", 3), (" limit 2000 offset 4000", 3)])  # fmt: skip
def test_the_price_goes_by_the_limit(zoho, limit, cost):
    zoho.fill(1)
    before = zoho.app.purse.used()
    ask(zoho, PEOPLE + limit)
    assert zoho.app.purse.used() - before == cost


def test_pages_by_key_walk_through_equal_moments(zoho):
    zoho.fill(500)
    seen, moment, last = [], "2000-01-01T00:00:00+00:00", "0"
    while True:
        reply = ask(
            zoho,
            "select Last_Name, Modified_Time from Contacts"
            f" where ((Modified_Time = '{moment}' and id > '{last}') or Modified_Time > '{moment}')"
            " order by Modified_Time asc, id asc limit 200",
        )
        seen += names(reply)
        moment, last = reply.rows[-1]["Modified_Time"], reply.rows[-1]["id"]
        if not reply.body["info"]["more_records"]:
            break
    assert seen == [f"Person {n}" for n in range(500)]


def test_conditions(zoho):
    zoho.insert({"Last_Name": "O'Hara", "Email": "A@example.com"}, {"Last_Name": "Berg"}, {"Last_Name": "Adler"})
    where = "select Last_Name from Contacts where "
    assert names(ask(zoho, f"{where} Last_Name = 'o''hara'")) == ["O'Hara"]
    assert names(ask(zoho, f"{where} Email is null order by Last_Name asc")) == ["Adler", "Berg"]
    assert names(ask(zoho, f"{where} Last_Name in ('Berg', 'Adler') order by Last_Name desc")) == ["Berg", "Adler"]
    assert names(ask(zoho, f"{where} (Last_Name like 'A%' or Last_Name = 'Berg') and Email is null")) == [
        "Berg",
        "Adler",
    ]
    assert names(ask(zoho, f"{where} Last_Name != 'Berg'")) == [
        "O'Hara",
        "Adler",
    ]


def test_a_lookup_shows_its_id_and_its_name_only_where_asked_for(zoho):
    account = zoho.call("POST", "Accounts", body={"data": [{"Account_Name": "Muster"}]}).rows[0]["details"]["id"]
    zoho.insert({"Last_Name": "Berg", "Account_Name": {"id": account}})
    (row,) = ask(zoho, "select Owner, Account_Name, Account_Name.Account_Name from Contacts where id is not null").rows
    assert row["Account_Name"] == {"id": account}
    assert row["Account_Name.Account_Name"] == "Muster"
    assert set(row["Owner"]) == {"id"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("select Last_Name from Contacts", "SYNTAX_ERROR"),
        ("select Last_Name from Contacts where id is not null and Email is null and Phone is null", "SYNTAX_ERROR"),
        ("select Tag from Contacts where id is not null", "INVALID_QUERY"),
        ("select Nothing from Contacts where id is not null", "INVALID_QUERY"),
        ("select id from Nowhere where id is not null", "INVALID_MODULE"),
        (f"{PEOPLE} order by id, id", "DUPLICATE_DATA"),
        (f"{PEOPLE} limit 2001", "LIMIT_EXCEEDED"),
        (f"{PEOPLE} limit 99000, 2000", "LIMIT_EXCEEDED"),
        (f"{PEOPLE} nonsense", "SYNTAX_ERROR"),
    ],
)
def test_what_is_refused(zoho, text, code):
    reply = ask(zoho, text)
    assert (reply.status, reply.body["code"]) == (400, code)


def test_a_login_without_the_scope_is_refused(zoho):
    zoho.app.tune({"queries": False})
    reply = ask(zoho, PEOPLE)
    assert (reply.status, reply.body["code"]) == (401, "OAUTH_SCOPE_MISMATCH")


def test_page_tokens_reach_only_so_far(zoho):
    zoho.fill(250)
    zoho.app.tune({"token_reach": 200})
    token = zoho.fields().body["info"]["next_page_token"]
    reply = zoho.fields(page_token=token)
    assert (reply.status, reply.body["code"]) == (400, "PAGINATION_LIMIT_EXCEEDED")
