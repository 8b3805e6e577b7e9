"""voicemon: listen to recorded customer-service calls and tell how well each kept the service standard."""

import os

__version__ = "0.1.0"

# Nothing leaves the machine. ONNX Runtime for Linux tells its maker of every session since 1.29, and switching that off after it was
# loaded is too late; the hub's client does when a model is fetched.
os.environ.update(ORT_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_TELEMETRY="1")
