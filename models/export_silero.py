"""Write voicemon/audio/silero.onnx from the voice activity model that comes with the PyPI package ``faster-whisper`` (Silero, MIT).

    pip install faster-whisper onnx
    python models/export_silero.py

The weights are the same. Two things are computed otherwise: the first layer, a short-time Fourier transform written as a convolution, is
left out (a fast transform gives its output, ``voicemon/audio/silero.py``), and the convolutions over the four frames of a window
are written as products of matrices over many windows at once.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OUT = Path(__file__).parents[1] / "voicemon" / "audio" / "silero.onnx"
ORIGINAL, ORIGINAL_SHA256 = "assets/silero_vad_v6.onnx", "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"
FRAMES, BINS, HIDDEN = 4, 129, 128
OPSET, IR_VERSION = 13, 8  # old enough for every onnxruntime that faster-whisper takes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    model = _Graph(load_weights()).model()
    onnx.checker.check_model(model)
    args.out.write_bytes(model.SerializeToString())
    print(f"{args.out}: {args.out.stat().st_size} bytes, sha256 {hashlib.sha256(args.out.read_bytes()).hexdigest()}")
    return 0


def load_weights() -> dict[str, np.ndarray]:
    """The trained weights by their names in the original file."""
    spec = find_spec("faster_whisper")
    if spec is None or spec.origin is None:
        raise SystemExit("the package faster-whisper is not installed: pip install faster-whisper")
    path = Path(spec.origin).parent / ORIGINAL
    if hashlib.sha256(path.read_bytes()).hexdigest() != ORIGINAL_SHA256:
        raise SystemExit(f"{path}: not the model this script was written for")
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}


class _Graph:
    """The network after its Fourier transform: ``spectra`` float32 (windows, 4 frames * 129 bins), one window after the other in time, and
    the state ``h``, ``c`` float32 (1, 1, 128), to ``probabilities`` (windows, 1) and the state after the last window."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._stored: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        self._decode(self._encode())
        state = (1, 1, HIDDEN)
        values = {"spectra": ("windows", FRAMES * BINS), "h": state, "c": state, "probabilities": ("windows", 1), "hn": state, "cn": state}
        infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in values.items()]
        graph = helper.make_graph(self._nodes, "silero-vad-v6-after-its-fourier-transform", infos[:3], infos[3:], self._stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="voicemon")

    def _encode(self) -> str:
        """Four convolutions of width three with zeros around: over 4 frames, by steps of two to 2, by two to 1, and over that 1."""
        first = self._convolution("spectra", 0, [(None, 0, 1), (0, 1, 2), (1, 2, 3), (2, 3, None)])
        second = self._convolution(first, 1, [(None, 0, 1), (1, 2, 3)])
        third = self._convolution(second, 2, [(None, 0, 1)])
        return self._convolution(third, 3, [(None, 0, None)])

    def _convolution(self, before: str, layer: int, places: list[tuple[int | None, int, int | None]]) -> str:
        """ReLU of the convolution at ``places``: the frames under its three taps, ``None`` where there is none and so nothing to add."""
        weight = self._weights[f"encoder.conv_layers.{layer}.weight"]  # (out, in, taps)
        width = weight.shape[1]
        taps = self._store(f"taps_{layer}", np.concatenate([weight[:, :, tap].T for tap in range(3)]))
        bias = self._store(f"bias_{layer}", self._weights[f"encoder.conv_layers.{layer}.bias"])
        outputs = []
        for place in places:
            used = [tap for tap, frame in enumerate(place) if frame is not None]
            frames = [frame for frame in place if frame is not None]
            name = f"layer_{layer}_at_{place[1]}"
            own = self._cut(taps, 0, used[0] * width, (used[-1] + 1) * width, f"{name}_taps")
            sound = self._cut(before, 1, frames[0] * width, (frames[-1] + 1) * width, f"{name}_frames")
            self._node("Gemm", [sound, own, bias], f"{name}_sum")
            outputs.append(self._node("Relu", [f"{name}_sum"], name))
        return outputs[0] if len(outputs) == 1 else self._node("Concat", outputs, f"layer_{layer}", axis=1)

    def _decode(self, encoded: str) -> None:
        """An LSTM over the windows, ReLU, and a weighted sum of its hidden values as a probability."""
        names = ("onnx::LSTM_209", "onnx::LSTM_210", "onnx::LSTM_211")
        weights = [self._store(f"lstm_{name}", self._weights[own]) for name, own in zip("wrb", names, strict=True)]
        self._node("Unsqueeze", [encoded, self._store("one", np.array([1]))], "sequence")
        self._nodes.append(helper.make_node("LSTM", ["sequence", *weights, "", "h", "c"], ["all", "hn", "cn"], hidden_size=HIDDEN))
        self._node("Reshape", ["all", self._store("rows", np.array([-1, HIDDEN]))], "hidden")
        self._node("Relu", ["hidden"], "positive")
        sum_of = self._store("sum_w", self._weights["decoder.conv1d.weight"].reshape(HIDDEN, 1))
        self._node("Gemm", ["positive", sum_of, self._store("sum_b", self._weights["decoder.conv1d.bias"])], "sum")
        self._node("Sigmoid", ["sum"], "probabilities")

    def _cut(self, name: str, axis: int, first: int, last: int, cut: str) -> str:
        bounds = [self._store(f"{cut}_{key}", np.array([value])) for key, value in (("first", first), ("last", last), ("axis", axis))]
        return self._node("Slice", [name, *bounds], cut)

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: int) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _store(self, name: str, value: np.ndarray) -> str:
        self._stored.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name


if __name__ == "__main__":
    sys.exit(main())
