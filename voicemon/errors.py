"""Every error voicemon raises on purpose. Each message names the file, says what is wrong and what to do."""


class VoicemonError(Exception):
    """Base of all errors that a user can do something about."""


class RecordingError(VoicemonError):
    """A recording cannot be analysed: unreadable, empty, not audio, or of a shape that is not supported."""


class SidecarError(VoicemonError):
    """A sidecar or call record is broken: not JSON, a field of the wrong type, or a value out of range."""


class PackError(VoicemonError):
    """A standard (rule pack) is not acceptable. The message lists every problem as ``file:line: what``."""


class ModelError(VoicemonError):
    """A recognition model is missing, incomplete, or does not have the published hash."""


class OutputError(VoicemonError):
    """The output folder cannot be written, is in use, or holds something that is not voicemon's."""


class InUseError(OutputError):
    """Another voicemon is writing to the same output folder or database at the moment."""


class SettingsError(VoicemonError):
    """A setting or a command-line option has a value that makes no sense."""
