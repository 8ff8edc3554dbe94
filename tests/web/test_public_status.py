"""What /status shows to whoever asks: states and numbers, and not one word of an app, a person or a path."""

import json

from zohosyncd.web.public_status import public_status

CANARY = "Kanari Zeisig"
STATUS = {
    "version": "0.1.0", "state": f"/home/{CANARY}/state.db", "uptime_seconds": 5.0, "ready": True, "serving": True,
    "refused": [f"connections.d/x.toml:3: {CANARY}"], "facts": {"path": CANARY}, "new_key": CANARY,
    "accounts": {"zoho": {
        "app": "zoho_crm", "state": "waiting", "reason": CANARY, "cure": CANARY, "identity": CANARY, "queued": 2,
        "channels": [{"object": "Contacts", "state": "new", "rings": 1, "missed": 0, "reason": CANARY, "cure": CANARY}],
        "budget": {"credits": {"limit": 5000, "left": 7, "new": CANARY}, "sentence": CANARY},
    }},
    "connections": {
        "crm-book": {
            "state": "waiting", "stage": "live", "reason": CANARY, "cure": CANARY, "mistakes": [CANARY], "links": 9,
            "last_run": {"run": CANARY}, "held": {"clash": 2}, "quarantined": {CANARY: 3}, "do_now": f"ask {CANARY}",
            "contacts": {"left": {"in_sync": 9}}, "pending": {"left": 1}, "intents": {"unknown": 1},
            "waiting": [{"batch": CANARY, "guard": "delete", "side": "left", "writes": 4}], "first_sync": {"x": CANARY},
        },
        "off": {"state": "disabled", "stage": "", "do_now": "nothing: it is disabled"},
    },
}  # fmt: skip


def test_states_and_numbers_are_shown_and_no_sentence() -> None:
    shown = public_status(STATUS)
    assert CANARY not in json.dumps(shown)
    assert shown["ready"]
    assert shown["configuration"] == "refused"
    assert shown["accounts"]["zoho"]["credits"] == {"limit": 5000, "left": 7}
    assert shown["accounts"]["zoho"]["channels"] == [{"object": "Contacts", "state": "new", "rings": 1, "missed": 0}]
    connection = shown["connections"]["crm-book"]
    assert (connection["links"], connection["held"], connection["quarantined"]) == (9, {"clash": 2}, 3)
    assert connection["approvals_waiting"] == 4
    assert connection["do_now"] == "ask `zohosyncd status` on the daemon's machine"
    assert shown["connections"]["off"]["do_now"] == "nothing"
