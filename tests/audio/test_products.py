"""A product by one thread: the number that NumPy gives, the same digits whatever it may use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib import resources

import numpy as np
import pytest

from voicemon.audio import products
from voicemon.audio.products import product


@pytest.mark.parametrize("shape", [(1, 3, 2), (400, 240, 391), (7, 256, 134)])
def test_it_is_the_product_of_the_matrices(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    rng = np.random.default_rng(2)
    a, b = rng.standard_normal((rows, inner)).astype(np.float32), rng.standard_normal((inner, columns)).astype(np.float32)
    found = product(a, b)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, a.astype(np.float64) @ b, atol=1e-4)


def test_its_last_digits_do_not_depend_on_the_number_of_threads() -> None:
    code = ("import hashlib, numpy as np; from voicemon.audio.products import product; r = np.random.default_rng(1).random;"
            "print(hashlib.sha256(product(r((401, 240), np.float32), r((240, 391), np.float32)).tobytes()).hexdigest())")
    answers = {subprocess.run([sys.executable, "-c", code], env={**os.environ, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
                              capture_output=True, text=True, check=True).stdout for threads in ("1", "2")}
    assert len(answers) == 1 and len(answers.pop()) > 60


def test_the_file_is_the_one_that_its_text_tells_of() -> None:
    folder = resources.files("voicemon.audio")
    assert hashlib.sha256(folder.joinpath(products.PRODUCT_FILE).read_bytes()).hexdigest() == products.PRODUCT_SHA256
    assert products.PRODUCT_SHA256 in folder.joinpath("product.txt").read_text(encoding="utf-8")
