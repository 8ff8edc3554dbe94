"""An editor for vCards that changes the lines it is told to and keeps every other one octet by octet.

It may import the standard library and ``zohosyncd.core.errors``, and nothing else.

::

    card = parse(text)
    for at in card.positions("EMAIL"):
        card.text(at), card.parameters(at).types, card.label(at)
    edit = Edit(card)
    edit.replace_components(card.first("N"), {1: "Anna"})
    edit.insert_text("EMAIL", "anna@example.org", params=[("TYPE", ["work"])], after=card.first("FN"))
    edit.card().serialise()
"""

from .card import Card, blank, parse, parse_octets
from .edit import Edit
from .errors import VCardError
from .lines import Line
from .parameters import Parameters

__all__ = ["Card", "Edit", "Line", "Parameters", "VCardError", "blank", "parse", "parse_octets"]
