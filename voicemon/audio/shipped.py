"""Networks that lie in the package as ONNX files, each with a text beside it: what it is, where from, under which licence."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ..errors import ModelError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


@lru_cache(maxsize=4)
def shipped_session(name: str, sha256: str) -> InferenceSession:
    """The network in the file ``name`` beside this module, for one thread; loaded once per process. Raises :class:`ModelError`."""
    from onnxruntime import InferenceSession, SessionOptions

    data = resources.files(__package__).joinpath(name).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(f"{name}: not the file this version was made with; install voicemon again")
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers share the cores already; the result stays the same
    options.log_severity_level = 3
    return InferenceSession(data, options, providers=["CPUExecutionProvider"])
