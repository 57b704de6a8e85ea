"""Train the digits' CNN anew, and measure it on held-out images of MNIST.

Needs torch and onnx (`pip install --group bench`). MNIST's first 50,000 training images are brought to the form of
scikit-learn's digits at random distortions. The last 10,000 are held out, and choices are made on these: no label of
the digits is looked at. Other versions of torch, or another processor, need not give the same bits.

    python tests/benchmarks/train_cnn.py --data ../shared/data/mnist [--out model.onnx] [--cosine] [--epochs N]
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2]))

from precompute import features, neighbors
from precompute.clusterers.kmeans import kmeans
from precompute.loaders.idx import read_idx
from precompute.loaders.options import Options
from precompute.loaders.scaling import scaled
from precompute.metrics.vicinity import Vicinity, label_agreement
from precompute.representations.prepare import stroke_counts

HELD_OUT = 10_000
MEASURED = 5_000
"""Of the held-out images, whose neighbours and clusters are looked at."""
CANVAS, BITS, GRID = 48, 32, 8
BATCH = 250
RATE, DECAY, KEPT = 4e-3, 2e-2, 0.99
"""Largest learning rate, weight decay, and how much of the mean of the weights each step keeps."""
WIDTHS, NUMBERS = (24, 32, 48), 32
"""Channels of the three convolutions, and numbers of the representation."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the defaults are what is shipped.

    Attributes:
        cosine: whether classes are told apart by the angle alone, with a margin; else by a linear layer.
        sharpness, margin: of the cosine (H. Wang et al., "CosFace", 2018).
        smoothing: of the labels, without the cosine.
        copies: how often each image is distorted.
        epochs: passes; each takes the next of the copies.
        seed: of everything that is drawn.
    """

    cosine: bool = False
    sharpness: float = 16.0
    margin: float = 0.1
    smoothing: float = 0.0
    copies: int = 6
    epochs: int = 6
    seed: int = 0


def distorted(images: torch.Tensor, source: torch.Generator) -> torch.Tensor:
    """Images as another hand and another scanner might have made them, in the digits' form.

    Turned, sheared and bent; the stroke's box scaled to about 32 bits height and at most 18 to 24 width, and moved a
    little; as much of it ink as the digits have, more or less; counted in blocks.

    Args:
        images: (n, 28, 28) uint8.
        source: of what is drawn.

    Returns:
        (n, 1, 8, 8) float32, counts / 16.
    """
    n = len(images)

    def normal(spread: float) -> torch.Tensor:
        return torch.randn(n, generator=source).clamp(-2.5, 2.5) * spread

    turn, shear = normal(math.radians(9)), normal(0.18)
    cos, sin = turn.cos(), turn.sin()
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 0], matrix[:, 1, 1] = cos, shear * cos - sin, sin, cos + shear * sin
    grid = F.affine_grid(matrix * 1.25, [n, 1, CANVAS, CANVAS], align_corners=False)
    bend = torch.randn(n, 2, 4, 4, generator=source) * 0.045
    grid = grid + F.interpolate(bend, size=(CANVAS, CANVAS), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    canvas = F.grid_sample(images[:, None].float() / 255, grid, align_corners=False)
    ink = canvas[:, 0] > 0.3
    rows, columns = ink.any(2).float(), ink.any(1).float()
    top, bottom = rows.argmax(1).float(), CANVAS - rows.flip(1).argmax(1).float()
    left, right = columns.argmax(1).float(), CANVAS - columns.flip(1).argmax(1).float()
    height = BITS + normal(0.5).clamp(max=0)
    natural = height * (right - left) / (bottom - top) * normal(0.15).exp()
    width = torch.minimum(natural, torch.rand(n, generator=source) * 6 + 18).clamp(min=3)
    places = torch.arange(BITS) + 0.5 - BITS / 2

    def along(low: torch.Tensor, high: torch.Tensor, size: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
        inside = (low + high)[:, None] / 2 + (places - moved[:, None]) / size[:, None] * (high - low)[:, None]
        return inside * 2 / CANVAS - 1

    x = along(left, right, width, normal(0.8))[:, None, :].expand(n, BITS, BITS)
    y = along(top, bottom, height, normal(0.3))[:, :, None].expand(n, BITS, BITS)
    fitted = F.grid_sample(canvas, torch.stack([x, y], 3), align_corners=False)[:, 0]
    share = (0.305 + normal(0.04)).clamp(0.18, 0.45)
    order = fitted.flatten(1).sort(1).values
    darkness = order.gather(1, (BITS**2 * (1 - share)).long()[:, None]).clamp(0.06, 0.85)
    bits = (fitted > darkness[:, :, None]).float()
    return F.avg_pool2d(bits[:, None], BITS // GRID)


def copies_of(images: torch.Tensor, recipe: Recipe) -> list[torch.Tensor]:
    """Every image distorted several times: (n, 1, 8, 8) uint8 counts each."""
    copies = []
    for number in range(recipe.copies):
        source = torch.Generator().manual_seed(1_000 * (recipe.seed + 1) + number)
        copies.append(torch.cat([(distorted(part, source) * 16).round().byte() for part in images.split(500)]))
    return copies


class Network(nn.Module):  # type: ignore[misc]  # torch has no stubs here
    """Three convolutions and a layer of `NUMBERS`, then what tells the classes apart, which is not shipped."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.recipe = recipe
        self.convolutions = nn.ModuleList(
            nn.Conv2d(ins, outs, 3, padding=1, bias=False)
            for ins, outs in ((1, first), (first, second), (second, third))
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(outs) for outs in WIDTHS)
        self.dense = nn.Linear(WIDTHS[-1] * (GRID // 2) ** 2, NUMBERS, bias=False)
        self.last = nn.BatchNorm1d(NUMBERS)
        self.head = nn.Linear(NUMBERS, 10, bias=not recipe.cosine)

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """The representation: (n, 1, 8, 8) to (n, `NUMBERS`)."""
        values = pictures
        for at, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            values = F.relu(norm(convolution(values)))
            if at == 1:
                values = F.max_pool2d(values, 2)
        values = self.last(self.dense(values.flatten(1)))
        return F.normalize(values, dim=1) if self.recipe.cosine else F.relu(values)

    def loss(self, pictures: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean cross entropy over a batch."""
        values = self.features(pictures)
        if not self.recipe.cosine:
            return F.cross_entropy(self.head(values), labels, label_smoothing=self.recipe.smoothing)
        cosines = values @ F.normalize(self.head.weight, dim=1).T
        return F.cross_entropy(self.recipe.sharpness * (cosines - self.recipe.margin * F.one_hot(labels, 10)), labels)

    def classes(self, pictures: torch.Tensor) -> torch.Tensor:
        """The class of each picture."""
        values = self.features(pictures)
        scores = values @ F.normalize(self.head.weight, dim=1).T if self.recipe.cosine else self.head(values)
        return scores.argmax(1)


def trained(images: torch.Tensor, labels: torch.Tensor, recipe: Recipe) -> Network:
    """A network whose weights are the mean over the last steps."""
    torch.manual_seed(recipe.seed)
    copies = copies_of(images, recipe)
    network = Network(recipe)
    steps = recipe.epochs * -(-len(images) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.15)
    mean = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(KEPT), use_buffers=True
    )
    begin = time.monotonic()
    for epoch in range(recipe.epochs):
        network.train()
        total = 0.0
        parts = torch.randperm(len(images)).split(BATCH)
        for part in parts:
            loss = network.loss(copies[epoch % recipe.copies][part].float() / 16, labels[part])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            mean.update_parameters(network)
            total += loss.item()
        print(f"epoch {epoch}: loss {total / len(parts):.4f}, {time.monotonic() - begin:.0f} s", flush=True)
    return mean.module.eval()


def folded(network: Network) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weights and biases of the four layers, each with the normalisation that follows it."""
    layers = [*zip(network.convolutions, network.norms, strict=True), (network.dense, network.last)]
    pairs = []
    for layer, norm in layers:
        factor = norm.weight / (norm.running_var + norm.eps).sqrt()
        weight = layer.weight * factor.reshape(-1, *[1] * (layer.weight.dim() - 1))
        pairs.append((weight.detach().numpy(), (norm.bias - norm.running_mean * factor).detach().numpy()))
    return pairs


def exported(network: Network) -> bytes:
    """The representation alone as ONNX, weights kept with 16 bits: pictures (n, 1, 8, 8) to features (n, 32)."""
    from onnx import TensorProto, checker, helper, numpy_helper

    nodes: list[Any] = []
    weights: list[Any] = []
    last = "pictures"
    for at, (weight, bias) in enumerate(folded(network)):
        names = []
        for kind, array in (("weight", weight), ("bias", bias)):
            stored = f"{kind}_{at}_16"
            weights.append(numpy_helper.from_array(array.astype(np.float16), stored))
            names.append(f"{kind}_{at}")
            nodes.append(helper.make_node("Cast", [stored], names[-1:], to=TensorProto.FLOAT))
        dense = at == len(WIDTHS)
        if dense:
            nodes.append(helper.make_node("Flatten", [last], ["flat"]))
            nodes.append(helper.make_node("Gemm", ["flat", *names], ["numbers"], transB=1))
            break
        nodes.append(helper.make_node("Conv", [last, *names], [f"conv_{at}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"conv_{at}"], [f"relu_{at}"]))
        last = f"relu_{at}"
        if at == 1:
            nodes.append(helper.make_node("MaxPool", [last], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]))
            last = "pooled"
    if network.recipe.cosine:
        nodes.append(helper.make_node("LpNormalization", ["numbers"], ["features"], axis=1, p=2))
    else:
        nodes.append(helper.make_node("Relu", ["numbers"], ["features"]))
    graph = helper.make_graph(
        nodes,
        "digits-cnn",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 1, GRID, GRID])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", NUMBERS])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="")
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def measured(values: NDArray[np.float32], labels: NDArray[np.int16]) -> tuple[float, float]:
    """Label agreement of 10 neighbours, and AMI of K-Means at k = 10, both in the kept principal components."""
    from sklearn.metrics import adjusted_mutual_info_score

    scores = features.principal_components(scaled(values, "features").values).scores
    near = neighbors.nearest(scores, 10)
    clusters = kmeans(scores, [10])[10].clusters
    agreement = label_agreement(Vicinity(near.indices, near.distances, labels))
    return agreement, float(adjusted_mutual_info_score(labels, clusters))


def report(network: Network, images: NDArray[np.uint8], labels: NDArray[np.int16]) -> None:
    """Figures of held-out images, as the study brings them to the digits' form and at new distortions."""
    plain = torch.from_numpy(stroke_counts(images.astype(np.float32) / np.float32(255)))[:, None]
    hard = distorted(torch.from_numpy(images), torch.Generator().manual_seed(99))
    for name, pictures in (("as they are", plain), ("distorted", hard)):
        with torch.no_grad():
            right = float((network.classes(pictures).numpy() == labels).mean())
            agreement, ami = measured(network.features(pictures).numpy(), labels)
        print(f"held out, {name}: read {right:.4f}, label agreement {agreement:.4f}, K-Means AMI {ami:.4f}", flush=True)


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with MNIST's train IDX files")
    parser.add_argument("--out", type=Path, help="where the model is written")
    recipe = Recipe()
    parser.add_argument("--cosine", action="store_true", help="the cosine in place of a linear layer")
    parser.add_argument("--margin", type=float, default=recipe.margin)
    parser.add_argument("--smoothing", type=float, default=recipe.smoothing)
    parser.add_argument("--copies", type=int, default=recipe.copies)
    parser.add_argument("--epochs", type=int, default=recipe.epochs)
    parser.add_argument("--seed", type=int, default=recipe.seed)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    raw = read_idx(options.data / "train-images-idx3-ubyte.gz", Options())
    assert raw.images is not None and raw.labels is not None
    images, labels = raw.images, raw.labels.astype(np.int16)
    recipe = Recipe(
        cosine=options.cosine,
        margin=options.margin,
        smoothing=options.smoothing,
        copies=options.copies,
        epochs=options.epochs,
        seed=options.seed,
    )
    used = len(images) - HELD_OUT
    network = trained(torch.from_numpy(images[:used].copy()), torch.from_numpy(labels[:used].astype(np.int64)), recipe)
    report(network, images[used : used + MEASURED].copy(), labels[used : used + MEASURED])
    content = exported(network)
    print(f"{len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    if options.out:
        options.out.write_bytes(content)


if __name__ == "__main__":
    main()
