"""Shipped planets below a grey atmosphere: for tests of something else, whose numbers belong to this law.

A shipped planet radiates by bands, under its star. A grey law needs an equilibrium temperature of the test.
"""

import mocoupled as mo

LAW = "AbeMatsui1985"
# K: 273 as in Bower et al. 2022; 210 for Mars, today's Sun and a Bond albedo of 0.25
TEMPERATURES = {"earth": "273 K", "mars": "210 K"}
GREY = {"atmosphere.radiation": LAW, "planet.equilibrium_temperature": TEMPERATURES["earth"]}
# the same for the command line, and for the table [set] of a sweep
GREY_WORDS = tuple(word for key, value in GREY.items() for word in ("--set", f"{key}={value}"))
GREY_TOML = "".join(f'{key} = "{value}"\n' for key, value in GREY.items())


def grey(name="earth", temperature=None):
    """The shipped case below a grey atmosphere, under its name and title; a case that is grey, as it is.

    temperature: of equilibrium, as text; without one, that of TEMPERATURES.
    """
    case = mo.Case.read(name)
    if case.atmosphere.radiation == LAW:
        return case
    T_eq = TEMPERATURES[name] if temperature is None else temperature
    return case.replace(GREY | {"planet.equilibrium_temperature": T_eq, "title": case.title})
