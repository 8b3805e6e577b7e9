"""The service standards as data: one YAML pack each, and the catalogue of their rules (``rules.csv``)."""
