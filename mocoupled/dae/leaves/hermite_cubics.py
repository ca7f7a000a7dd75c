"""The cubics of Hermite between two knots: factors of values and slopes at both, and their derivatives."""

# order -> s -> factors of value and slope at both ends of an interval of length 1 in that derivative
HERMITE = (
    lambda s: (((1 + 2 * s) * (1 - s) ** 2, s * (1 - s) ** 2), (s * s * (3 - 2 * s), s * s * (s - 1))),
    lambda s: ((6 * s * (s - 1), (1 - s) * (1 - 3 * s)), (6 * s * (1 - s), s * (3 * s - 2))),
    lambda s: ((12 * s - 6, 6 * s - 4), (6 - 12 * s, 6 * s - 2)),
    lambda s: ((12.0, 6.0), (-12.0, 6.0)),
)
