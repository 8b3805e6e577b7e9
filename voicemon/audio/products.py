"""Products of matrices whose last digits do not depend on how many threads NumPy may use.

OpenBLAS shares a large product out among its threads, and what it adds up in which order then depends on how many there are; products small
enough for one thread take it three times as long. onnxruntime is told to use one thread, whatever the environment says.
"""

from __future__ import annotations

import numpy as np

from .shipped import shipped_session
from .sound import Float32

PRODUCT_FILE = "product.onnx"
PRODUCT_SHA256 = "72400b8e9b5b419cc2f4ce015f1cdd53954baf97636ea8345a9fa8727191aa01"


def product(a: Float32, b: Float32) -> Float32:
    """``a @ b`` of float32 ``(rows, inner)`` and ``(inner, columns)``, by one thread. Raises :class:`ModelError`."""
    return np.asarray(shipped_session(PRODUCT_FILE, PRODUCT_SHA256).run(None, {"a": a, "b": b})[0])
