"""The accounts server: grants, lives and limits of tokens, errors inside a 200."""


def test_a_refresh_token_gives_an_access_token_for_an_hour_and_names_our_own_address(zoho):
    body = zoho.refresh().body
    assert body["expires_in"] == 3600
    assert body["token_type"] == "Bearer"
    assert body["api_domain"] == "http://127.0.0.1:1"
    assert "refresh_token" not in body


def test_the_same_as_query_parameters(zoho):
    reply = zoho.call(
        "POST", "/oauth/v2/token", grant_type="refresh_token", client_id=zoho.setup.client_id,
        client_secret=zoho.setup.client_secret, refresh_token=zoho.setup.refresh_token,
    )  # fmt: skip
    assert reply.body["access_token"]


def test_token_errors_come_inside_a_200(zoho):
    assert (zoho.refresh(refresh_token="1000.revoked").status, zoho.refresh(refresh_token="1000.revoked").body) == (
        200,
        {"error": "invalid_code"},
    )
    assert zoho.refresh(client_id="1000.UNKNOWN").body == {"error": "invalid_client"}
    assert zoho.refresh(client_secret="wrong").body == {"error": "invalid_client_secret"}


def test_the_eleventh_token_in_ten_minutes_is_denied_until_the_window_moves_on(zoho):
    for _ in range(9):
        assert "access_token" in zoho.refresh().body
    denied = zoho.refresh()
    assert (denied.status, denied.body["error"]) == (200, "Access Denied")
    zoho.clock.moment += 601
    assert "access_token" in zoho.refresh().body


def test_an_access_token_dies_after_an_hour(zoho):
    zoho.clock.moment += 3_599
    assert zoho.call("GET", "org").status == 200
    zoho.clock.moment += 2
    reply = zoho.call("GET", "org")
    assert (reply.status, reply.body["code"]) == (401, "INVALID_TOKEN")


def test_the_sixteenth_live_token_kills_the_oldest_silently(make_zoho):
    zoho = make_zoho(tokens_per_window=100)
    oldest = zoho.token
    for _ in range(14):
        zoho.refresh()
    assert zoho.call("GET", "org").status == 200
    zoho.refresh()
    assert zoho.token == oldest
    assert zoho.call("GET", "org").status == 401


def test_a_call_without_a_usable_token_fails_to_authenticate(zoho):
    zoho.token = ""
    assert zoho.call("GET", "org").body["code"] == "AUTHENTICATION_FAILURE"
    bearer = zoho.call("GET", "org", headers={"authorization": "Bearer x"})
    assert (bearer.status, bearer.body["code"]) == (401, "AUTHENTICATION_FAILURE")


def test_client_credentials_need_the_org(zoho):
    assert zoho.refresh(grant_type="client_credentials").body == {"error": "missing_org_info"}
    assert "access_token" in zoho.refresh(grant_type="client_credentials", soid="ZohoCRM.5545974000000020001").body


def test_a_revoked_refresh_token_takes_its_access_tokens_with_it(zoho):
    assert zoho.call("POST", "/oauth/v2/token/revoke", token=zoho.setup.refresh_token).body == {"status": "success"}
    assert zoho.call("GET", "org").status == 401
    assert zoho.refresh().body == {"error": "invalid_code"}
