#!/usr/bin/env python3
"""Writes the two reference networks as ONNX, with fixed pseudo-random weights, and inputs for them.

usage: make_models.py FOLDER      (needs numpy and onnx)

mlp.onnx is 784-128-10 with ReLU; lenet.onnx LeNet-5 with ReLU and maximum pooling on 28x28, 44,426
parameters. FOLDER/mlp/ and FOLDER/lenet/ get eight inputs each (.npy); mlp.json and lenet.json the first
one in the format of ezkl.
"""
import json
import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


def constants(rng, **shapes):
    def make(name, shape):
        fan_in = int(np.prod(shape[1:])) if len(shape) == 4 else shape[0]
        w = rng.standard_normal(shape) * np.sqrt(2 / fan_in)
        return numpy_helper.from_array(w.astype(np.float32), name)

    return [make(name, shape) for name, shape in shapes.items()]


def model(name, nodes, weights, shape):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])
    graph = helper.make_graph(nodes, name, [x], [y], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(made, full_check=True)
    return made


def mlp(rng):
    node = helper.make_node
    nodes = [
        node("Gemm", ["x", "w1", "b1"], ["h"]), node("Relu", ["h"], ["r"]),
        node("Gemm", ["r", "w2", "b2"], ["y"]),
    ]
    return model("mlp", nodes, constants(rng, w1=[784, 128], b1=[128], w2=[128, 10], b2=[10]), [1, 784])


def lenet(rng):
    node = helper.make_node
    pool = dict(kernel_shape=[2, 2], strides=[2, 2])
    nodes = [
        node("Conv", ["x", "c1", "d1"], ["a1"], kernel_shape=[5, 5]), node("Relu", ["a1"], ["r1"]),
        node("MaxPool", ["r1"], ["p1"], **pool),
        node("Conv", ["p1", "c2", "d2"], ["a2"], kernel_shape=[5, 5]), node("Relu", ["a2"], ["r2"]),
        node("MaxPool", ["r2"], ["p2"], **pool), node("Flatten", ["p2"], ["f"]),
        node("Gemm", ["f", "w1", "b1"], ["h1"]), node("Relu", ["h1"], ["s1"]),
        node("Gemm", ["s1", "w2", "b2"], ["h2"]), node("Relu", ["h2"], ["s2"]),
        node("Gemm", ["s2", "w3", "b3"], ["y"]),
    ]
    weights = constants(rng, c1=[6, 1, 5, 5], d1=[6], c2=[16, 6, 5, 5], d2=[16], w1=[256, 120], b1=[120],
                        w2=[120, 84], b2=[84], w3=[84, 10], b3=[10])
    return model("lenet", nodes, weights, [1, 1, 28, 28])


def main():
    folder = Path(sys.argv[1])
    for name, make, shape in (("mlp", mlp, [1, 784]), ("lenet", lenet, [1, 1, 28, 28])):
        rng = np.random.default_rng(7)
        (folder / name).mkdir(parents=True, exist_ok=True)
        save(make(rng), folder / f"{name}.onnx")
        inputs = rng.random([8, *shape], dtype=np.float32)
        for i, x in enumerate(inputs):
            np.save(folder / name / f"{i}.npy", x)
        (folder / f"{name}.json").write_text(json.dumps({"input_data": [inputs[0].reshape(-1).tolist()]}))


if __name__ == "__main__":
    main()
