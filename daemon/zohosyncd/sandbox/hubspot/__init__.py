"""HubSpot CRM, simulated from its documentation: contacts (CRM v3), lists, subscriptions, owners, OAuth.

::

    app            requests in, answers out; what a person does
    routes         which function answers which request
    contacts       the records: unique addresses, merges, the bin
    properties     what contacts have, and which values are taken
    objects        reads and writes of one record
    batches        the same for many at once
    search         the index, which is behind
    lists          static and active lists, and who is in them
    subscriptions  who may be sent e-mails
    login          private apps, OAuth, scopes
    limits         a day, ten seconds, a second
    refusals       errors as HubSpot words them

Where the vendor's pages leave a doubt, the worse case is simulated, or a knob of :class:`setup.HubSpotSetup` chooses.
"""
