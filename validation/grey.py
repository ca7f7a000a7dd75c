"""A grey atmosphere above shipped planets, for the reports that were measured with one.

A shipped planet radiates by bands, under its star; a grey law needs an equilibrium temperature instead.
"""

from __future__ import annotations

import mocoupled as mo

LAW = "AbeMatsui1985"
# K, (S (1 - A)/4/sigma)^(1/4) with the flux S of the star today and the Bond albedo A
TEMPERATURES = {
    "earth": 273.0,  # Bower et al. 2022
    "mercury": 437.2,  # 0.387 au, A = 0.088 (Mallama 2017, arXiv:1703.02670)
    "venus": 229.0,  # 0.723 au, A = 0.76 (Moroz et al. 1985, Adv. Space Res. 5, 197)
    "moon": 270.3,  # 1 au, A = 0.11 (NASA fact sheet)
    "mars": 210.0,  # A = 0.25 (NASA fact sheet: 209.8 K)
    # S of Agol et al. 2021, PSJ 2, 1, Table 6; A = 0
    "trappist-1b": 397.3,
    "trappist-1c": 339.5,
    "trappist-1d": 286.0,
    "trappist-1e": 249.5,
    "trappist-1f": 217.5,
    "trappist-1g": 197.2,
    "trappist-1h": 171.4,
    "l-98-59d": 416.0,  # Demangeon et al. 2021, Astron. Astrophys. 653, A41; A = 0; not compared
    "toi-561b": 2319.0,  # Lacedelli et al. 2022, Mon. Not. R. Astron. Soc. 511, 4551; A = 0; not compared
    "55-cancri-e": 1958.0,  # 0.01544 au, Bourrier et al. 2018, Astron. Astrophys. 619, A1; A = 0
    "k2-141b": 2039.0,  # Malavolta et al. 2018, Astron. J. 155, 107
}


def grey(name: str) -> mo.Case:
    """The shipped case below a grey atmosphere, under its title; one that is grey, as it is."""
    case = mo.Case.read(name)
    if case.atmosphere.radiation == LAW:
        return case
    return case.replace(
        {
            "atmosphere.radiation": LAW,
            "planet.equilibrium_temperature": TEMPERATURES[name],
            "title": case.title,
        }
    )
