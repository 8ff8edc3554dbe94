"""people.get and people.batchGet: the truth about single persons, at once."""

import random
from dataclasses import dataclass
from typing import Any

from .call import CONTACT, PROFILE, Call
from .mailbox import Mailbox, person_me
from .refusals import Refused, invalid, lacks_scope
from .routes import CONTACTS, EMAIL, READ_ONLY
from .values import Contact, Showing

MOST = 200


@dataclass(slots=True)
class Reading:
    """Reads persons by their resource names."""

    showing: Showing
    chance: random.Random

    def get(self, call: Call) -> dict[str, Any]:
        """One person. Raises Refused where there is none."""
        return self._person(call, call.name)

    def batch_get(self, call: Call) -> dict[str, Any]:
        """Each name asked for, found or not."""
        names = call.params.get("resourceNames", ())
        call.mask(), call.sources()
        if not names:
            raise invalid("Resource names are required.", "resourceNames")
        if len(names) > MOST:
            raise invalid(f"There is a maximum of {MOST} resource names.", "resourceNames")
        responses = [self._response(call, name) for name in dict.fromkeys(names)]
        if call.mailbox.behaviour.shuffled:
            self.chance.shuffle(responses)
        return {"responses": responses}

    def after(
        self, mailbox: Mailbox, contact: Contact, mask: frozenset[str], sources: frozenset[str]
    ) -> dict[str, Any]:
        """A contact as it is right after a mutation."""
        profile = mailbox.profile(contact) if PROFILE in sources else None
        if CONTACT not in sources:
            return {"resourceName": contact.name, "etag": contact.etag}
        return self.showing.person(contact, mask, profile=profile)

    def _response(self, call: Call, name: str) -> dict[str, Any]:
        try:
            person = self._person(call, name)
        except Refused as refusal:
            return {"httpStatusCode": refusal.http, "requestedResourceName": name, "status": refusal.row()}
        return {"httpStatusCode": 200, "person": person, "requestedResourceName": name, "status": {}}

    def _person(self, call: Call, name: str) -> dict[str, Any]:
        if not name.startswith("people/") or name.count("/") != 1 or name == "people/":
            raise invalid(f"Invalid resource name: {name}.", "resourceName")
        mailbox, mask = call.mailbox, call.mask()
        if name in ("people/me", f"people/{mailbox.sub}"):
            return person_me(mailbox, mask if call.scopes & EMAIL else mask - {"emailAddresses"})
        if not call.scopes & {CONTACTS, READ_ONLY}:
            raise lacks_scope("google.people.v1.PeopleService.GetPerson")
        return self.after(mailbox, mailbox.named(name), mask, call.sources())
