"""Zoho CRM v8 as its documentation describes it: tokens, Contacts and Accounts, fields, users, org, credits.

Plain objects without I/O. It may import the standard library, msgspec (JSON) and ``sandbox.wire``, nothing else.
"""
