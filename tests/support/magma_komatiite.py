"""The komatiite of MAGMA's stored output: 26.60 wt% MgO, a sum of 96.77 (the shipped one has 29.60)."""

# wt%, as that output states it
MAGMA_KOMATIITE = {
    "SiO2": 47.10, "TiO2": 0.24, "Al2O3": 4.04, "Fe2O3": 12.80, "MgO": 26.60, "CaO": 5.44, "Na2O": 0.46,
    "K2O": 0.09,
}  # fmt: skip
