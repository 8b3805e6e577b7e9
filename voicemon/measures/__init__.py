"""Measures of ``docs/definitions.md``: rate, level, ring, waits, talk-over, tone. Pure functions of sound, spans and words."""
