"""voicemon: listen to recorded customer-service calls and tell how well each kept the service standard."""

__version__ = "0.1.0"
