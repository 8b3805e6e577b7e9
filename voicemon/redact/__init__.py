"""Redaction: what in a call is about a person and nobody else's business, masked in facts and reports and silenced in the sound.

See ``docs/redaction.md`` for what is found, how, and what can be missed.
"""
