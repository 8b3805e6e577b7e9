"""Write voicemon/audio/product.onnx: nothing but the product of two matrices, for ``voicemon/audio/products.py``.

    pip install onnx
    python models/export_product.py
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import onnx
from onnx import TensorProto, helper

OUT = Path(__file__).parents[1] / "voicemon" / "audio" / "product.onnx"
OPSET, IR_VERSION = 13, 8  # old enough for every onnxruntime that faster-whisper takes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    shapes = {"a": ("rows", "inner"), "b": ("inner", "columns"), "product": ("rows", "columns")}
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    graph = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["product"])], "product", infos[:2], infos[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="voicemon")
    onnx.checker.check_model(model)
    args.out.write_bytes(model.SerializeToString())
    print(f"{args.out}: {args.out.stat().st_size} bytes, sha256 {hashlib.sha256(args.out.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
