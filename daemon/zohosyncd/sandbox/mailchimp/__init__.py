"""Mailchimp's Marketing API 3.0, simulated from its documentation: audiences, members, merge fields, tags, batches.

::

    app         the login and the first part of paths; what the control endpoints ask for
    lists       the calls of one audience
    setup       what is not documented, or differs between accounts, as switches
    problems    errors (application/problem+json)
    audience    what an audience keeps
    membership  who may be a member, with which status and which values
    addresses   which e-mail addresses are taken
    merge       what merge fields take
    shown       answers as the vendor writes them
    listing     filters, order and pages of members
    bulk        many members in one call        batches     many calls in one, carried out later
    tags        tags and static segments        edits       what people do
"""
