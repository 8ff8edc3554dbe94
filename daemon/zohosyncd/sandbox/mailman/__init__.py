"""Mailman 3, simulated: the REST API of its core.

::

    people      users, addresses, members, requests
    answers     JSON with etags, errors, collections, parameters
    rest        the API: paths, and what is refused
    app         the core, and what a person does there
    behaviour   what installations do differently
"""
