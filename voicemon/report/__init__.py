"""Telling: reports in JSON, HTML and tables. Computes nothing that a verdict or a measure does not already say."""
