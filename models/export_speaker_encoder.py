"""Write voicemon/audio/speaker_encoder.onnx from the weights of the PyPI package ``resemblyzer`` (Apache-2.0).

    pip install torch resemblyzer onnx
    python models/export_speaker_encoder.py

Only this script needs torch. The network (three LSTM layers, a linear layer, ReLU, unit length) is written with ONNX's own
operators; weights are stored as 16-bit floats and computed with as 32-bit ones, which halves the file.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OUT = Path(__file__).parents[1] / "voicemon" / "audio" / "speaker_encoder.onnx"
PRETRAINED_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
MELS, HIDDEN, LAYERS = 40, 256, 3
OPSET, IR_VERSION = 13, 8  # old enough for every onnxruntime that faster-whisper takes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    model = build(load_weights())
    onnx.checker.check_model(model)
    args.out.write_bytes(model.SerializeToString())
    print(f"{args.out}: {args.out.stat().st_size} bytes, sha256 {hashlib.sha256(args.out.read_bytes()).hexdigest()}")
    return 0


def load_weights() -> dict[str, np.ndarray]:
    """The trained weights, without running any code of the package."""
    spec = find_spec("resemblyzer")
    if spec is None or spec.origin is None:
        raise SystemExit("the package resemblyzer is not installed: pip install resemblyzer")
    path = Path(spec.origin).with_name("pretrained.pt")
    if hashlib.sha256(path.read_bytes()).hexdigest() != PRETRAINED_SHA256:
        raise SystemExit(f"{path}: not the weights this script was written for")
    state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    return {name: value.numpy() for name, value in state.items()}


def build(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """The encoder as ONNX: ``mels`` float32 (batch, frames, 40) to ``embeddings`` float32 (batch, 256) of unit length."""
    nodes = [helper.make_node("Transpose", ["mels"], ["sequence_0"], perm=[1, 0, 2])]
    stored: list[onnx.TensorProto] = []
    for layer in range(LAYERS):
        names = [_store(name, value, nodes, stored) for name, value in _lstm_weights(weights, layer).items()]
        nodes.append(helper.make_node("LSTM", [f"sequence_{layer}", *names], [f"all_{layer}", f"last_{layer}"], hidden_size=HIDDEN))
        stored.append(numpy_helper.from_array(np.array([1], np.int64), f"direction_{layer}"))
        nodes.append(helper.make_node("Squeeze", [f"all_{layer}", f"direction_{layer}"], [f"sequence_{layer + 1}"]))
    last = f"last_{LAYERS - 1}"
    stored.append(numpy_helper.from_array(np.array([0], np.int64), "first_axis"))
    nodes.append(helper.make_node("Squeeze", [last, "first_axis"], ["hidden"]))
    linear = [_store("linear_w", weights["linear.weight"], nodes, stored), _store("linear_b", weights["linear.bias"], nodes, stored)]
    nodes += [
        helper.make_node("Gemm", ["hidden", *linear], ["raw"], transB=1),
        helper.make_node("Relu", ["raw"], ["positive"]),
        helper.make_node("LpNormalization", ["positive"], ["embeddings"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes, "ge2e-speaker-encoder",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["batch", "frames", MELS])],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", HIDDEN])], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="voicemon")


def _lstm_weights(weights: dict[str, np.ndarray], layer: int) -> dict[str, np.ndarray]:
    """Weights of a layer in the order of ONNX: one direction first, gates input, output, forget, cell (torch: i, f, c, o)."""
    def gates(name: str) -> np.ndarray:
        i, f, c, o = np.split(weights[f"lstm.{name}_l{layer}"], 4)
        return np.concatenate([i, o, f, c])[np.newaxis]

    bias = np.concatenate([gates("bias_ih"), gates("bias_hh")], axis=1)
    return {f"w_{layer}": gates("weight_ih"), f"r_{layer}": gates("weight_hh"), f"b_{layer}": bias}


def _store(name: str, value: np.ndarray, nodes: list[onnx.NodeProto], stored: list[onnx.TensorProto]) -> str:
    """Keep ``value`` as 16-bit floats; returns the name of its 32-bit form."""
    stored.append(numpy_helper.from_array(value.astype(np.float16), f"{name}_16"))
    nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
    return name


if __name__ == "__main__":
    sys.exit(main())
