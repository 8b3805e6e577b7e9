"""Judging: facts and a standard in, verdicts out. Opens no sound except through the phrase verifier it is handed."""
