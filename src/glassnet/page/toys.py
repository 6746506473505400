"""Toy tables for learners: two columns of numbers, and features made of them, as in the TensorFlow Playground."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from glassnet.errors import InputError, unknown

Points = npt.NDArray[np.float64]
Random = np.random.Generator

FEATURES: dict[str, Callable[[Points, Points], Points]] = {
    "x1²": lambda x, y: x * x,
    "x2²": lambda x, y: y * y,
    "x1·x2": lambda x, y: x * y,
    "sin x1": lambda x, y: np.sin(x),
    "sin x2": lambda x, y: np.sin(y),
}


def _circles(rows: int, rng: Random) -> tuple[Points, Points]:
    inside = np.arange(rows) % 2 == 0
    radius = np.where(inside, rng.uniform(0, 2.2, rows), rng.uniform(3.2, 5, rows))
    angle = rng.uniform(0, 2 * np.pi, rows)
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)]), inside


def _xor(rows: int, rng: Random) -> tuple[Points, Points]:
    points = rng.uniform(0.3, 5, (2, rows)) * rng.choice([-1, 1], (2, rows))
    return points, points[0] * points[1] > 0


def _spirals(rows: int, rng: Random) -> tuple[Points, Points]:
    arm = np.arange(rows) % 2
    share = np.arange(rows) // 2 / max(rows // 2, 1)
    angle = 1.75 * share * 2 * np.pi + arm * np.pi
    return np.stack([5 * share * np.sin(angle), 5 * share * np.cos(angle)]), arm == 1


def _moons(rows: int, rng: Random) -> tuple[Points, Points]:
    upper = np.arange(rows) % 2 == 0
    angle = rng.uniform(0, np.pi, rows)
    x = np.where(upper, np.cos(angle), 1 - np.cos(angle)) - 0.5
    y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle)) - 0.25
    return np.stack([2.8 * x, 2.8 * y]), upper


def _gaussians(rows: int, rng: Random) -> tuple[Points, Points]:
    first = np.arange(rows) % 2 == 0
    return rng.normal(np.where(first, 2.0, -2.0), 1.0, (2, rows)), first


def _plane(rows: int, rng: Random) -> tuple[Points, Points]:
    points = rng.uniform(-5, 5, (2, rows))
    return points, points.sum(axis=0) / 10


TOYS = {
    "circles": _circles,
    "xor": _xor,
    "spirals": _spirals,
    "moons": _moons,
    "gaussians": _gaussians,
    "plane": _plane,
}


def toy_table(
    name: str, rows: int = 200, noise: float = 0.0, features: Sequence[str] = (), seed: int = 0
) -> dict[str, Any]:
    """A table with the columns ``x1`` and ``x2``, those in ``features``, and ``y``: a class, or for the plane a number.

    Args:
        name: circles, xor, spirals, moons, gaussians or plane.
        rows: the number of rows, from 10 to 100,000.
        noise: standard deviation of what is added to x1 and x2, as a share of 2; at most 1.
        features: of :data:`FEATURES`.
        seed: of the random numbers; at least 0.

    Raises:
        InputError: an unknown name or feature, or numbers that are out of range.
    """
    if name not in TOYS:
        raise InputError(unknown("the toy table", name, TOYS))
    if isinstance(features, str) or not isinstance(features, Sequence):
        raise InputError(f"the features are {features!r:.80}, but must be a list of names.")
    for feature in features:
        if not isinstance(feature, str) or feature not in FEATURES:
            raise InputError(unknown("the feature", feature, FEATURES))
    if not (isinstance(rows, int) and 10 <= rows <= 100_000):
        raise InputError(f"rows is {rows!r:.80}, but must be an integer from 10 to 100,000.")
    if not (isinstance(noise, (int, float)) and 0 <= noise <= 1):
        raise InputError(f"noise is {noise!r:.80}, but must be a number from 0 to 1.")
    if not (isinstance(seed, int) and seed >= 0):
        raise InputError(f"seed is {seed!r:.80}, but must be an integer at least 0.")
    rng = np.random.default_rng(seed)
    points, answer = TOYS[name](rows, rng)
    x, y = points + 2 * noise * rng.normal(size=points.shape)
    target: list[Any] = answer.tolist()
    if name != "plane":
        target = ["blue" if own else "amber" for own in target]  # the second is drawn in blue
    made = {feature: FEATURES[feature](x, y).tolist() for feature in features}
    return {"x1": x.tolist(), "x2": y.tolist(), **made, "y": target}
