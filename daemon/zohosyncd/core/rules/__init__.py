"""Rules: IF a record of one side is so, THEN this is done to its partner on the other side. Pure; imports only core.

* ``language``: what an operator can say, as values; ``vocabulary``: what can be said about one side.
* ``compiling``: both together, checked; every mistake at once, each with its place.
* ``subject``, ``truth``, ``predicates``, ``conditions``: whether a record matches. A thing that was not read is
  unknown and never "no" (Kleene's logic of three values), and every answer can be explained clause by clause.
* ``scope``: which pairs are kept the same and which records are created across.
* ``actions``: what the matching rules do to the partner, and what is undone when a record leaves a rule.
"""
