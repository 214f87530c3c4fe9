#!/usr/bin/env python3
"""Writes the ONNX backend node tests that concern this project, one folder a test.

usage: conformance_cases.py OUT        needs the packages onnx (1.23.2) and numpy

A test is taken if
  - it is inference: no training operator, no operator in training mode;
  - all inputs and outputs are tensors, at least one input and every output is float32;
  - it is about an operator itself, not its expansion into others (`_expanded`).
Sequences, optionals and strings are thereby left out.

OUT/<name>/ receives model.onnx, input_<i>.npy and output_<i>.npy (the first data set). What a model
knows when it is compiled becomes an initialiser: every input that is not float32 (shapes, axes,
indices, conditions), and the float inputs listed in PARAMETERS. OUT/index.json lists the tests.
"""

import json
import pathlib
import shutil
import sys
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

VERSION = "1.23.2"

# Float inputs that a model file carries as initialisers (weights, bounds, scales), by position.
PARAMETERS = {
    "BatchNormalization": (1, 2, 3, 4),
    "Clip": (1, 2),
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "DeformConv": (1, 3),
    "GRU": (1, 2, 3),
    "GroupNormalization": (1, 2),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3, 7),
    "LayerNormalization": (1, 2),
    "OneHot": (1, 2),
    "PRelu": (1,),
    "Pad": (2,),
    "RMSNormalization": (1,),
    "RNN": (1, 2, 3),
    "Resize": (1, 2),
    "Upsample": (1,),
}


def is_training(model):
    """Whether the test trains, or runs an operator in training mode."""
    if any("training" in opset.domain for opset in model.opset_import):
        return True
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "training_mode" and attribute.i:
                return True
        # Dropout takes its mode as the third input.
        if node.op_type == "Dropout" and len(node.input) > 2 and node.input[2]:
            return True
    return False


def element_types(values):
    """The element types of tensors; None where one is not a tensor."""
    if not all(value.type.HasField("tensor_type") for value in values):
        return None
    return [value.type.tensor_type.elem_type for value in values]


def is_wanted(test):
    """The filter that the module describes."""
    if test.model is None or test.name.endswith("_expanded") or "_expanded_" in test.name:
        return False
    if is_training(test.model):
        return False
    inputs = element_types(test.model.graph.input)
    outputs = element_types(test.model.graph.output)
    if not inputs or not outputs:
        return False
    return TensorProto.FLOAT in inputs and all(kind == TensorProto.FLOAT for kind in outputs)


def parameters(graph):
    """Names of the float inputs that are parameters."""
    return {
        name
        for node in graph.node
        for position, name in enumerate(node.input)
        if position in PARAMETERS.get(node.op_type, ())
    }


def as_array(value):
    """A test's data as an array in row-major order."""
    if isinstance(value, TensorProto):
        value = numpy_helper.to_array(value)
    return np.asarray(value, order="C")


def write(test, folder):
    """Writes one test."""
    folder.mkdir(parents=True)
    model = onnx.ModelProto()
    model.CopyFrom(test.model)
    inputs, outputs = test.data_sets[0]
    frozen = parameters(model.graph)
    kept = []
    for value, array in zip(test.model.graph.input, inputs, strict=True):
        array = as_array(array)
        if value.type.tensor_type.elem_type == TensorProto.FLOAT and value.name not in frozen:
            np.save(folder / f"input_{len(kept)}.npy", array)
            kept.append(value)
        else:
            model.graph.initializer.append(numpy_helper.from_array(array, value.name))
    del model.graph.input[:]
    model.graph.input.extend(kept)
    onnx.save(model, folder / "model.onnx")
    for i, array in enumerate(outputs):
        np.save(folder / f"output_{i}.npy", as_array(array))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if onnx.__version__ != VERSION:
        sys.exit(f"onnx {VERSION} is needed, this is {onnx.__version__}")
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    warnings.filterwarnings("ignore")
    tests = collect_testcases(None)
    wanted = sorted(filter(is_wanted, tests), key=lambda test: test.name)
    cases = []
    for test in wanted:
        write(test, out / test.name)
        cases.append({"name": test.name, "operator": test.model.graph.node[0].op_type})
    index = {"onnx": VERSION, "generated": len(tests), "selected": len(cases), "cases": cases}
    (out / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    print(f"{len(cases)} of {len(tests)} tests written to {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
