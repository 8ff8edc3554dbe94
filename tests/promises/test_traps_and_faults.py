"""Every trap of Zoho's API and every fault of HTTP, login, limits and paging has a test: here is which.

A fault that cannot happen to us says why. The numbers are only names: a test may stand in more than one line.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ZOHO, TRANSPORT, END = "connectors/zoho_crm", "transport", "end_to_end"


@dataclass(frozen=True)
class Tried:
    """What may go wrong, and the tests that let it."""

    what: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Absent:
    """What cannot go wrong here, and why."""

    what: str
    because: str


def tried(what: str, *tests: str) -> Tried:
    return Tried(what, tests)


TRAPS: dict[int, Tried | Absent] = {
    1: tried("page numbers end at 2,000 records", f"{ZOHO}/test_feed.py::test_beyond_two_thousand_records"),
    2: tried(
        "without a sort order the newest record comes first",
        f"{ZOHO}/test_feed.py::test_a_full_pass_asks_in_order_of_change_and_for_nothing_else",
        f"{ZOHO}/test_feed.py::test_an_interrupted_pass_goes_on_where_it_was",
    ),
    3: tried("204 and 304 without a body say nothing", f"{ZOHO}/test_client.py::test_nothing_is_an_empty_page"),
    4: tried(
        "deletions are in a list of their own, and a restore takes one back",
        f"{ZOHO}/test_feed.py::test_deleted_records_are_removed_and_restored_ones_come_back",
        f"{ZOHO}/test_traps.py::test_a_restored_record_is_not_reported_as_removed",
        f"{ZOHO}/test_feed.py::test_a_cursor_older_than_zohos_memory_is_expired",
    ),
    5: tried("a good status hides refused rows", f"{ZOHO}/test_writes.py::test_rows_that_fail_do_not_shift_the_others"),
    6: tried(
        "the share of refused rows makes the status", f"{ZOHO}/test_traps.py::test_the_rows_decide_and_not_the_status"
    ),
    7: tried("fifty fields a call", f"{ZOHO}/test_feed.py::test_more_than_fifty_fields_are_read_in_parts_and_joined"),
    8: tried(
        "a right that is taken away makes values vanish",
        f"{ZOHO}/test_traps.py::test_a_hidden_field_was_not_read_and_is_not_empty",
        f"{ZOHO}/test_traps.py::test_without_the_modified_time_everything_is_still_read_once",
        f"{ZOHO}/test_feed.py::test_a_part_that_is_missing_was_not_read",
    ),
    9: tried(
        "the wrong data centre answers invalid_code",
        f"{ZOHO}/test_traps.py::test_a_consent_of_another_data_centre_names_the_cure",
        f"{ZOHO}/test_traps.py::test_contacts_never_go_where_a_token_says",
    ),
    10: tried(
        "ten tokens in ten minutes",
        f"{TRANSPORT}/test_oauth.py::test_many_refused_calls_ask_for_one_new_token",
        f"{ZOHO}/test_at_once.py::test_all_who_need_the_first_token_share_one_refresh",
        f"{ZOHO}/test_login.py::test_the_eleventh_token_in_ten_minutes_is_not_asked_for",
        f"{ZOHO}/test_login.py::test_tokens_that_somebody_else_makes_of_the_same_consent_cost_one_more",
        f"{TRANSPORT}/test_oauth.py::test_one_token_serves_all_calls_until_shortly_before_its_end",
        f"{TRANSPORT}/test_oauth.py::test_a_token_outlives_a_restart_but_neither_its_time_nor_its_grant",
    ),
    11: tried(
        "times in the offset of the user",
        f"{ZOHO}/test_traps.py::test_another_time_zone_of_the_user_is_no_edit",
        f"{ZOHO}/test_fields.py::test_a_record_has_its_version_in_one_spelling",
    ),
    12: tried(
        "without a trigger all workflows run",
        f"{ZOHO}/test_writes.py::test_no_workflow_of_the_org_runs",
        f"{END}/test_workflow.py::test_our_own_writes_set_no_workflow_off",
    ),
    13: tried(
        "an upsert makes one person of two with one address",
        f"{ZOHO}/test_traps.py::test_two_people_with_one_address_are_two_records_and_never_one",
    ),
    14: tried(
        "one bad value refuses the record",
        f"{ZOHO}/test_traps.py::test_one_bad_value_does_not_keep_the_others_of_its_batch_out",
        f"{ZOHO}/test_writes.py::test_a_missing_name_is_named",
    ),
    15: tried(
        "lookups are objects",
        f"{ZOHO}/test_traps.py::test_a_lookup_is_its_name_whose_id_stays_zohos",
        f"{ZOHO}/test_company.py::test_they_are_read_with_the_contact",
    ),
}

FAULTS: dict[int, Tried | Absent] = {
    1: tried(
        "no connection, no name",
        f"{TRANSPORT}/test_wire.py::test_nobody_listens",
        f"{TRANSPORT}/test_wire.py::test_a_name_that_does_not_exist",
        f"{TRANSPORT}/test_client.py::test_trouble_is_waited_out_with_growing_full_jitter",
    ),
    2: tried(
        "a certificate that proves nothing",
        f"{TRANSPORT}/test_wire.py::test_a_certificate_that_nobody_signed",
        f"{TRANSPORT}/test_client.py::test_a_refused_certificate_is_no_reason_to_hurry",
    ),
    3: tried(
        "a deadline before the request has left",
        f"{TRANSPORT}/test_client.py::test_what_never_left_is_sent_again",
        f"{ZOHO}/test_writes.py::test_what_never_left_is_not_sent",
    ),
    4: tried(
        "a deadline after it was carried out",
        f"{TRANSPORT}/test_wire.py::test_silence_after_the_request_is_lost",
        f"{ZOHO}/test_writes.py::test_no_readable_answer_is_unknown_and_sent_once",
    ),
    5: tried(
        "a reset in the middle of an answer",
        f"{TRANSPORT}/test_wire.py::test_a_broken_connection_is_lost",
        f"{TRANSPORT}/test_wire.py::test_a_reset_is_lost",
        f"{ZOHO}/test_feed.py::test_short_trouble_is_waited_out",
        f"{ZOHO}/test_writes.py::test_no_readable_answer_is_unknown_and_sent_once",
    ),
    6: tried(
        "a failing server that may have carried it out",
        f"{ZOHO}/test_writes.py::test_no_readable_answer_is_unknown_and_sent_once",
        f"{END}/test_faults.py::test_a_first_sync_through",
    ),
    7: tried(
        "a page for people in place of data",
        f"{TRANSPORT}/test_client.py::test_a_page_in_place_of_data_breaks_the_contract",
        f"{ZOHO}/test_feed.py::test_a_damaged_list_is_never_an_empty_one",
    ),
    8: tried(
        "an empty list although there is data",
        f"{END}/test_faults.py::test_an_empty_side_does_not_empty_the_other",
        "pipeline/test_guard.py::test_a_complete_read_that_lacks_a_tenth_stops_everything_until_a_person_has_looked",
    ),
    9: tried("204 and 304 in place of a list", f"{ZOHO}/test_client.py::test_nothing_is_an_empty_page"),
    10: tried(
        "a redirect to another host",
        f"{TRANSPORT}/test_client.py::test_a_redirect_elsewhere_is_refused_and_nothing_is_sent_there",
        f"{TRANSPORT}/test_client.py::test_the_login_is_never_shown_to_a_server_that_is_not_the_apps",
        f"{TRANSPORT}/test_wire.py::test_redirects_are_answers",
    ),
    11: tried("a body that drips", f"{TRANSPORT}/test_wire.py::test_a_body_that_drips_ends_with_the_deadline"),
    12: tried(
        "a body without end, or that unfolds",
        f"{TRANSPORT}/test_wire.py::test_an_answer_beyond_the_limit_is_not_read_to_its_end",
        f"{TRANSPORT}/test_wire.py::test_the_limit_counts_decompressed_bytes",
        f"{TRANSPORT}/test_client.py::test_an_answer_too_large_is_not_read_again",
    ),
    13: tried(
        "damaged JSON",
        f"{ZOHO}/test_traps.py::test_a_value_that_nobody_can_read_stops_its_own_record_only",
        f"{ZOHO}/test_traps.py::test_nor_does_the_name_of_somebody_who_was_deleted",
        f"{ZOHO}/test_traps.py::test_duplicate_keys_are_read_as_the_vendors_own_library_reads_them",
        f"{ZOHO}/test_traps.py::test_an_unknown_choice_is_a_value_like_any_other",
        f"{TRANSPORT}/test_parts.py::test_anything_else_breaks_the_contract_and_is_not_repeated",
    ),
    14: tried(
        "a field or a version that is no more",
        f"{ZOHO}/test_client.py::test_refusals_keep_their_code",
        f"{ZOHO}/test_traps.py::test_a_hidden_field_was_not_read_and_is_not_empty",
        f"{ZOHO}/test_fields.py::test_metadata_with_less_than_documented_is_enough",
    ),
    15: tried(
        "a token that ends in the middle",
        f"{ZOHO}/test_writes.py::test_a_dead_token_in_the_middle_writes_once",
        f"{ZOHO}/test_login.py::test_a_dead_token_is_renewed_in_the_middle_of_a_pass",
    ),
    16: tried(
        "a fresh token that is refused",
        f"{TRANSPORT}/test_client.py::test_a_fresh_token_gets_a_little_time_to_spread",
        f"{TRANSPORT}/test_client.py::test_then_the_login_is_lost",
    ),
    17: Absent(
        "a refresh that another replica has overtaken", "Zoho's refresh tokens stay the same when they are used"
    ),
    18: tried(
        "a consent that was revoked",
        f"{ZOHO}/test_login.py::test_a_revoked_consent_names_the_cure_and_is_not_asked_for_all_the_time",
        f"{TRANSPORT}/test_oauth.py::test_a_lost_consent_is_not_asked_for_again_at_once",
        f"{END}/test_faults.py::test_a_lost_authorisation_pauses_the_account_and_says_what_to_do",
    ),
    19: tried(
        "a scope that was taken away",
        f"{ZOHO}/test_client.py::test_refusals_that_are_not_about_the_call",
        f"{ZOHO}/test_traps.py::test_a_hidden_field_was_not_read_and_is_not_empty",
        f"{ZOHO}/test_tags.py::test_a_login_without_the_rights_to_list_them_does_not_know_them",
    ),
    20: tried(
        "the consent of another org",
        f"{END}/test_faults.py::test_the_consent_of_another_org_is_refused_and_nothing_is_written",
    ),
    21: Absent("a new refresh token that was never stored", "Zoho's refresh tokens stay the same when they are used"),
    22: tried(
        "a token server that is busy says so inside a 200",
        f"{ZOHO}/test_login.py::test_a_busy_token_server_is_left_alone_for_its_window",
        f"{ZOHO}/test_login.py::test_errors_come_inside_a_200",
        f"{TRANSPORT}/test_oauth.py::test_a_busy_login_server_is_left_alone",
    ),
    23: tried(
        "429 that says how long",
        f"{TRANSPORT}/test_client.py::test_an_app_that_asks_for_a_short_wait_gets_it",
        f"{TRANSPORT}/test_client.py::test_a_long_wait_is_the_callers",
        f"{TRANSPORT}/test_client.py::test_an_http_date_is_understood",
        f"{TRANSPORT}/test_parts.py::test_retry_after",
    ),
    24: tried(
        "a limit that does not",
        f"{TRANSPORT}/test_client.py::test_without_a_header_the_wait_is_ours",
        f"{ZOHO}/test_client.py::test_refusals_that_are_not_about_the_call",
        f"{ZOHO}/test_writes.py::test_the_old_form_of_a_limit_is_known",
    ),
    25: tried(
        "the credits of the day are gone", f"{ZOHO}/test_feed.py::test_used_up_credits_are_told_apart_from_haste"
    ),
    26: tried(
        "too many calls at once",
        f"{TRANSPORT}/test_parts.py::test_no_more_calls_at_once_than_allowed",
        f"{ZOHO}/test_at_once.py::test_of_the_heavy_kinds_ten_go_at_once_in_the_largest_edition",
        f"{ZOHO}/test_at_once.py::test_of_the_others_as_many_as_the_edition_takes",
        "sandbox/test_served.py::test_more_calls_at_once_than_the_edition_allows_are_refused",
    ),
    27: Absent("a limit of first pages", "that is Google's, and there is no connector for it yet"),
    28: tried(
        "a record that changes while everything is read",
        f"{ZOHO}/test_feed.py::test_a_record_that_changes_during_the_pass_hides_none",
    ),
    29: tried(
        "a record that is deleted before the place",
        f"{ZOHO}/test_traps.py::test_a_deletion_before_the_place_hides_nobody_behind_it",
    ),
    30: tried(
        "a page token that is spent",
        f"{ZOHO}/test_feed.py::test_a_token_that_died_costs_the_records_of_one_second_only",
        f"{ZOHO}/test_feed.py::test_tokens_that_are_always_refused_end",
    ),
    31: tried("the same page for ever", f"{ZOHO}/test_feed.py::test_the_same_page_again_is_no_progress"),
    32: tried(
        "more records of one second than tokens reach",
        f"{ZOHO}/test_feed.py::test_a_new_start_at_a_page_of_one_second_is_progress",
        f"{ZOHO}/test_feed.py::test_more_equal_moments_than_tokens_reach_are_told",
    ),
    33: tried(
        "an empty page with more behind it, and an end too early",
        f"{ZOHO}/test_traps.py::test_an_empty_page_with_more_behind_it_is_no_end",
        f"{ZOHO}/test_traps.py::test_empty_pages_without_end_are_an_error",
        "pipeline/test_guard.py::test_a_complete_read_that_lacks_a_tenth_stops_everything_until_a_person_has_looked",
    ),
    34: tried(
        "rows that come twice",
        f"{ZOHO}/test_traps.py::test_rows_that_come_twice_are_no_reason_to_stop",
        "storage/test_mirror.py::test_a_record_that_comes_twice_in_one_page_stands_there_once",
    ),
    35: tried(
        "a place that is too old",
        f"{ZOHO}/test_feed.py::test_a_cursor_older_than_zohos_memory_is_expired",
        f"{ZOHO}/test_feed.py::test_a_cursor_of_another_form_is_expired",
    ),
}

LISTED = [
    (f"{kind} {number}", line) for kind, lines in (("trap", TRAPS), ("fault", FAULTS)) for number, line in lines.items()
]


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_no_trap_and_no_fault_is_left_out() -> None:
    assert list(TRAPS) == list(range(1, 16))
    assert list(FAULTS) == list(range(1, 36))


@pytest.mark.parametrize(("name", "line"), LISTED, ids=[name for name, _ in LISTED])
def test_its_tests_exist(name: str, line: Tried | Absent) -> None:
    if isinstance(line, Absent):
        assert line.because, name
        return
    assert line.tests, name
    for test in line.tests:
        file, _, function = test.partition("::")
        assert function in named_in(file), f"{name} ({line.what}): there is no {test}"
