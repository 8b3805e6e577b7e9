"""Sound in: decoding, call-progress tones, voice activity, channels. Knows no words and no rules."""
