"""Mailman 3, simulated: the REST API of its core.

::

    people      users, addresses, members, requests
    answers     JSON with etags, errors, collections, parameters
    showing     what the API shows
    rest        the API: paths, what is done, and what is refused
    app         the core, and what a person does there
    behaviour   what installations do differently
"""
