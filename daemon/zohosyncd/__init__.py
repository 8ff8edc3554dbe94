"""Keeps Zoho CRM contacts the same as the contacts in your other apps, in both directions."""

__version__ = "0.1.0"
