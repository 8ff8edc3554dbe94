"""Values and decisions: pure. No await, no clock, no I/O, no logging; it imports nothing else of the package.

Detect, decide and execute are three things. This room decides: it is given what was observed and what was
agreed, and answers what should be written, as values.
"""
