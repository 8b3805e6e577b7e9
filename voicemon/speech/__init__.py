"""Words in: models, recognition, text normalisation, pinyin, the acoustic phrase check. Knows no rules."""
