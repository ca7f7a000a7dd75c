"""Text in the layouts of FactSage's Equilib, written from our own equilibria: for tests of what reads it."""

import mocoupled as mo

CUTOFF = 1e-12


def equilibrium(T, P, moles, mechanism="hco"):
    """Gases (name -> mole fraction above the cutoff, largest first), moles of gas, graphite [mol] and its
    activity."""
    state = mo.gas_equilibrium(T, P, moles, mechanism=mechanism)
    shares = {str(s): float(x) for s, x in zip(state.species.values, state.mixing_ratio.values) if x > CUTOFF}
    return (
        dict(sorted(shares.items(), key=lambda pair: -pair[1])),
        float(state.gas_moles.sum()),
        float(state.condensate_moles[0]),
        float(state.condensate_activity[0]),
    )


def table(T, P, moles, stream, gas="gas_ideal", unit=("bar", 1e5), rest=""):
    """The table of constituents. stream: lines of the input. unit: of pressure, and its size in Pa. rest:
    further phases."""
    shares, n, solid, activity = equilibrium(T, P, moles)
    name, size = unit
    rows = "".join(f" {s:<24}{x * n:>18.4E}{x:>15.4E}{x * P / size:>16.4E}\n" for s, x in shares.items())
    return (
        f" T = {T:.2f} K\n P = {P / size:.5E} {name}\n V = {n * 8.314462618 * T / P * 1e3:.5E} dm3\n\n "
        "STREAM CONSTITUENTS            AMOUNT/mol\n"
        + "".join(f" {s:<24}{x:>18.4E}\n" for s, x in stream.items())
        + f"\n{'':32}EQUIL AMOUNT   MOLE FRACTION     FUGACITY\n PHASE: {gas}                    mol         "
        f"                 {name}\n{rows}"
        + f" TOTAL:{'':18}{n:>18.4E}     1.0000E+00{P / size:>16.4E}\n{rest}\n{'':34}mol                     "
        "      ACTIVITY\n" + f" C_Graphite(s)           {solid:>18.4E}{activity:>28.4E}\n"
    )


def brackets(T, P, moles, reactants, gas="gas_ideal"):
    """Formulas in brackets, mole fractions, graphite below."""
    shares, n, solid, activity = equilibrium(T, P, moles)
    inside = "\n         + ".join(
        f"{x:.5f}     {s}" if x > 1e-3 else f"{x:.5E}     {s}" for s, x in shares.items()
    )
    text = (
        f"  {reactants} =\n\n     {n:.5f}     mol   {gas}\n         ( {inside} )\n         ({T:.2f} K, "
        f"{P / 1e5:.3f} bar, {gas})\n\n"
    )
    return (
        text + f"   + {solid:.5f}     mol   C_Graphite(s)\n         ({T:.2f} K, {P / 1e5:.3f} bar, S1, "
        f"a={activity:.4f})\n"
    )
