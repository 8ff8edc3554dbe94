"""Google Contacts in memory: the People API v1 for several mailboxes, and the login server that opens it.

Made from the vendor's documentation and its discovery document alone. Where these leave a doubt, the worse case is
simulated, or there is a switch for both::

    app         requests in, answers out; what a person could do at the screen
    behaviour   the switches: delays, quotas, limits, what is normalised
    people_api  who calls, which method, what of the answer is shown
    routes      the methods of the API with their parameters
    call        one call, taken apart
    refusals    errors in the vendor's shape
    masks       field masks and partial answers
    schema      the fields of a person, their messages, what is read only
    checking    what is accepted of a person
    values      what is stored and shown of a person's fields
    mailbox     one user's contacts and groups with all their history
    listing     people.connections.list: pages, sync tokens, delays
    reading     people.get and batchGet
    writing     create, update and delete, one by one and in batches
    searching   searchContacts with its cache that must be warm
    groups      contactGroups and their members
    quota       what a method costs per minute
    identity    userinfo and tokeninfo (the login server itself is one of the sandbox's parts)
    edits       what people do in their mailboxes, and what there is to be seen

It may import the standard library and the sandbox's own parts, and nothing else of the package.
"""
