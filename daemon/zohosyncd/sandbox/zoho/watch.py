"""Notifications: channels under ``/actions/watch``.

Source: REST API v8, Notifications: Enable, Get Details, Update (PUT and PATCH), Disable (DELETE, ``_delete_events``).
What the pages leave open is the worse of both here: an update without ``channel_expiry`` lasts an hour from then, and a
channel number that is used again forgets what it was.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from zohosyncd.sandbox.wire import Response

from .answers import CallError, answer, failure, missing_parameter, nothing, wrong_method
from .bells import EVENTS, Bells, Channel, Row
from .call import PAGE, Call
from .crm import BASE
from .times import instant

HOUR, WEEK = 3_600, 604_800
LONGEST_TOKEN = 50


class _Refused(Exception):
    def __init__(self, code: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.row = failure(code, message, details)


class Watch:
    """``/actions/watch`` of an org."""

    def __init__(self, bells: Bells) -> None:
        self._bells = bells
        self._crm = bells.crm

    def handle(self, call: Call) -> Response:
        """``/actions/watch``."""
        self._bells.live()
        match call.method:
            case "GET":
                return self._list(call)
            case "POST":
                return self._each(call, self._enable, good=201)
            case "PUT":
                return self._each(call, self._replace, good=200)
            case "PATCH":
                return self._each(call, self._update, good=200)
            case "DELETE":
                return self._disable(call)
            case _:
                raise wrong_method()

    def _each(self, call: Call, act: Callable[[int, Row], Row], good: int) -> Response:
        given = call.json().get("watch")
        if not isinstance(given, list) or not given:
            details = {"api_name": "watch", "json_path": "$.watch"}
            raise CallError(400, "MANDATORY_NOT_FOUND", "required field not found", details)
        rows = []
        for at, wish in enumerate(given):
            try:
                rows.append(act(at, wish if isinstance(wish, dict) else {}))
            except _Refused as refused:
                rows.append(refused.row)
        return _answer(rows, good)

    def _enable(self, at: int, wish: Row) -> Row:
        made = Channel(_number(at, wish), self._events(at, wish), self._expiry(at, wish), _url(at, wish))
        self._apply(at, made, wish)
        self._bells.channels[made.number] = made
        return self._success(made, "Successfully subscribed for actions-watch of the given module")

    def _replace(self, at: int, wish: Row) -> Row:
        self._known(at, wish)
        self._enable(at, wish)
        return self._success(
            self._bells.channels[_number(at, wish)], "Successfully updated actions-watch of the given module"
        )

    def _update(self, at: int, wish: Row) -> Row:
        known = self._known(at, wish)
        if wish.get("_delete_events") is True:
            return self._forget(at, known, wish)
        if "events" in wish:
            known.events = self._events(at, wish)
        if "notify_url" in wish:
            known.url = _url(at, wish)
        known.expires = self._expiry(at, wish)
        self._apply(at, known, wish)
        return self._success(known, "Successfully updated actions-watch of the given module")

    def _forget(self, at: int, known: Channel, wish: Row) -> Row:
        for module, events in self._events(at, wish).items():
            left = known.events.get(module, set()) - events
            known.events = {**known.events, module: left} if left else _without(known.events, module)
        if not known.events:
            del self._bells.channels[known.number]
        return self._success(known, "Successfully un-subscribed from actions-watch of the given module")

    def _disable(self, call: Call) -> Response:
        given = call.query.get("channel_ids")
        if not given:
            raise missing_parameter("channel_ids")
        rows = []
        for number in given.split(","):
            channel = self._bells.channels.pop(number.strip(), None)
            if channel is None:
                rows.append(failure("NOT_SUBSCRIBED", "Not subscribed for the given channel", {"channel_id": number}))
            else:
                rows += [
                    {"code": "SUCCESS", "details": self._resource(channel, module), "status": "success",
                     "message": "Successfully un-subscribed from actions-watch of the given module"}
                    for module in channel.events
                ]  # fmt: skip
        return _answer(rows, 200)

    def _list(self, call: Call) -> Response:
        rows = [
            {
                **self._resource(channel, module),
                "channel_expiry": self._crm.stamp(channel.expires),
                "notify_url": channel.url,
                "events": sorted(f"{module}.{event}" for event in events),
                "token": channel.token,
                "notify_on_related_action": channel.related,
                "return_affected_field_values": channel.values,
            }
            for channel in self._bells.channels.values()
            for module, events in channel.events.items()
            if call.query.get("module", module) == module
            and call.query.get("channel_id", channel.number) == channel.number
        ]
        page = call.number("page", 1)
        shown = rows[(page - 1) * PAGE : page * PAGE]
        if not shown:
            return nothing()
        info = {"per_page": PAGE, "count": len(shown), "page": page, "more_records": len(rows) > page * PAGE}
        return answer({"watch": shown, "info": info})

    def _known(self, at: int, wish: Row) -> Channel:
        number = _number(at, wish)
        if number not in self._bells.channels:
            raise _Refused("NOT_SUBSCRIBED", "Not subscribed for the given channel", {"channel_id": number})
        return self._bells.channels[number]

    def _events(self, at: int, wish: Row) -> dict[str, set[str]]:
        given = wish.get("events")
        if not isinstance(given, list) or not given:
            raise _missing(at, "events")
        events: dict[str, set[str]] = {}
        for each in given:
            module, _, event = str(each).rpartition(".")
            if module not in self._crm.tables or event not in EVENTS:
                raise _invalid(at, "events")
            events.setdefault(module, set()).add(event)
        return events

    def _expiry(self, at: int, wish: Row) -> int:
        """An hour by default, a week at most; who asks for more gets an hour, without an error."""
        now = self._crm.second()
        if (given := wish.get("channel_expiry")) is None:
            return now + HOUR
        moment = _instant(given)
        if moment is None or moment <= now:
            raise _invalid(at, "channel_expiry")
        return moment if moment <= now + WEEK else now + HOUR

    def _apply(self, at: int, channel: Channel, wish: Row) -> None:
        if "token" in wish:
            token = wish["token"]
            if token is not None and (not isinstance(token, str) or len(token) > LONGEST_TOKEN):
                raise _invalid(at, "token", maximum_length=LONGEST_TOKEN)
            channel.token = token
        channel.related = bool(wish.get("notify_on_related_action", channel.related))
        channel.values = bool(wish.get("return_affected_field_values", channel.values))

    def _success(self, channel: Channel, message: str) -> Row:
        events = [
            {"channel_expiry": self._crm.stamp(channel.expires), **self._resource(channel, module)}
            for module in channel.events
        ]
        return {"code": "SUCCESS", "details": {"events": events}, "message": message, "status": "success"}

    def _resource(self, channel: Channel, module: str) -> Row:
        return {
            "resource_uri": f"{self._bells.address()}/crm/v8/{module}",
            "resource_id": str(BASE + self._crm.modules[module].number),
            "resource_name": module,
            "channel_id": channel.number,
        }


def _number(at: int, wish: Row) -> str:
    given = wish.get("channel_id")
    if given is None:
        raise _missing(at, "channel_id")
    text = str(given)
    if isinstance(given, bool) or not text.isdecimal() or int(text) >= 2**63:
        raise _invalid(at, "channel_id", expected_data_type="long")
    return text


def _url(at: int, wish: Row) -> str:
    given = wish.get("notify_url")
    if given is None:
        raise _missing(at, "notify_url")
    parts = urlsplit(given) if isinstance(given, str) else urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise _invalid(at, "notify_url")
    return str(given)


def _instant(given: Any) -> int | None:
    return instant(given) if isinstance(given, str) else None


def _without(events: Mapping[str, set[str]], module: str) -> dict[str, set[str]]:
    return {name: found for name, found in events.items() if name != module}


def _missing(at: int, name: str) -> _Refused:
    details = {"api_name": name, "json_path": f"$.watch[{at}].{name}"}
    return _Refused("MANDATORY_NOT_FOUND", "required field not found", details)


def _invalid(at: int, name: str, **more: Any) -> _Refused:
    return _Refused("INVALID_DATA", "invalid data", {"api_name": name, "json_path": f"$.watch[{at}].{name}", **more})


def _answer(rows: list[Row], good: int) -> Response:
    succeeded = sum(row["status"] == "success" for row in rows)
    return answer({"watch": rows}, good if succeeded == len(rows) else 207 if succeeded else 400)
