"""Outlook contacts as Microsoft Graph v1.0 serves them, with the login server in front.

::

    contact     what a contact is: properties, their types and limits, and what the server makes of them
    mailbox     folders, contacts in them, the two kinds of ids, change keys
    odata       query options and the part of the filter language that contacts need
    reading     lists and single contacts
    delta       rounds of changes in a folder
    writing     creating, changing, deleting
    batch       twenty requests in one
    routes      from a path to what answers it
    edits       what a person does in Outlook
    answers     the shape of answers and errors
    behaviour   the ways in which the service can be unpleasant, as switches
    app         all of it as one simulated app

Facts: the vendor's reference of the contact resource, its pages on delta query, JSON batching, immutable ids,
throttling and errors, and what its issue tracker says of limits that the reference leaves out.
"""
