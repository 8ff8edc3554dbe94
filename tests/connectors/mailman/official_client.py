"""A list looked after by Mailman's own client, unmodified. Runs in the environment of the core, and prints what it saw.

Arguments: the API's address with its version, user, password, list id.
"""

import json
import sys
from urllib.error import HTTPError

from mailmanclient import Client

url, user, password, list_id = sys.argv[1:]
client = Client(url, user, password)
seen = [("lists", list_id in [each.list_id for each in client.lists])]
of = client.get_list(list_id)
seen.append(("list", of.fqdn_listname, of.display_name))
vouched = {"pre_verified": True, "pre_confirmed": True, "pre_approved": True}
ann = of.subscribe("Ann.Official@Example.com", "Ann Official", **vouched)
seen.append(("subscribed", ann.email, ann.role, ann.display_name, str(ann.address)))
pending = of.subscribe("later@example.com", "Later")
seen.append(("pending", sorted(pending), pending["token_owner"]))
try:
    of.subscribe("ann.official@example.com", "Again", **vouched)
except HTTPError as error:
    seen.append(("again", type(error).__name__, error.code))
ann.preferences["delivery_status"] = "by_user"
ann.preferences.save()
seen.append(("preference", of.get_member("ann.official@example.com").preferences["delivery_status"]))
page = of.get_member_page(count=1, page=1)
seen.append(("page", [each.email for each in page], page.total_size))
seen.append(("requests", [(each["email"], each["token_owner"]) for each in of.get_requests()]))
of.accept_request(pending["token"])
seen.append(("members", [(each.email, each.display_name) for each in of.members]))
person = client.get_user("ann.official@example.com")
seen.append(("user", person.display_name, [str(each) for each in person.addresses]))
person.display_name = "Ann of All Lists"
person.save()
seen.append(("names", client.get_user("ann.official@example.com").display_name, of.members[0].display_name))
of.unsubscribe("later@example.com")
seen.append(("left", [each.email for each in of.members]))
print(json.dumps(seen))
