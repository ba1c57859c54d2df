"""Which of many voices are the same: average linkage over cosine distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sightline.meters.seconds import Samples

BLOCK = 800
"""Vectors put together at once; their groups are put together after. All at once, three hours would take gigabytes."""

Labels = npt.NDArray[np.int64]


def clustered(vectors: Samples, threshold: float) -> Labels:
    """A number for each vector ``(n, size)``, equal for the same group, in the order of first appearance.

    Groups are merged while their vectors are on average less than ``threshold`` apart (cosine distance, 0 to 2).
    """
    if not len(vectors):
        return np.zeros(0, np.int64)
    # The mean distance between two groups of unit vectors follows from their sums, so only those are kept.
    sums = np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), np.float64)
    sizes: npt.NDArray[np.float64] = np.ones(len(sums))
    labels: Labels = np.arange(len(sums))
    block = BLOCK
    while len(sums) > block:
        parts = [slice(at, at + block) for at in range(0, len(sums), block)]
        found = [_merged(sums[part], sizes[part], threshold) for part in parts]
        if all(found_.max() + 1 == len(found_) for found_ in found):
            block *= 2  # Neighbours in time are not alike; others may be.
            continue
        offsets = np.cumsum([0, *(int(found_.max()) + 1 for found_ in found)])
        step = np.concatenate([found_ + offset for found_, offset in zip(found, offsets[:-1], strict=True)])
        sums, sizes, labels = _grouped(sums, step), np.asarray(np.bincount(step, sizes), np.float64), step[labels]
    labels = _merged(sums, sizes, threshold)[labels]
    _, first = np.unique(labels, return_index=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[labels])


def certainties(vectors: Samples, labels: Labels, threshold: float) -> Samples:
    """0 to 1 for each vector: how much nearer its own group's middle is than the next one's; where there is one group,
    how near that is beside the threshold."""
    if not len(vectors):
        return np.zeros(0, np.float32)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    middles = _grouped(unit, labels)
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-12)
    distances = 1 - unit @ middles.T
    rows = np.arange(len(unit))
    own = distances[rows, labels].copy()
    distances[rows, labels] = np.inf
    other = distances.min(axis=1) if len(middles) > 1 else np.full(len(unit), threshold)
    return np.asarray(np.clip(1 - own / np.maximum(other, 1e-12), 0, 1), np.float32)


def _merged(sums: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64], threshold: float) -> Labels:
    """A number from 0 for each group."""
    sums, sizes = sums.copy(), sizes.copy()
    labels = np.arange(len(sums))
    apart = 1 - (sums @ sums.T) / np.outer(sizes, sizes)
    np.fill_diagonal(apart, np.inf)
    while len(sums):
        one, other = divmod(int(apart.argmin()), len(sums))
        if not apart[one, other] < threshold:
            break
        sums[one] += sums[other]
        sizes[one] += sizes[other]
        apart[other, :] = apart[:, other] = np.inf
        alive = np.isfinite(apart[one])
        apart[one, alive] = 1 - (sums[alive] @ sums[one]) / (sizes[alive] * sizes[one])
        apart[alive, one] = apart[one, alive]
        labels[labels == other] = one
    return np.unique(labels, return_inverse=True)[1]


def _grouped(vectors: npt.NDArray[np.float64], labels: Labels) -> npt.NDArray[np.float64]:
    """The sum of each group's vectors."""
    sums = np.zeros((int(labels.max()) + 1, vectors.shape[1]))
    np.add.at(sums, labels, vectors)
    return sums
