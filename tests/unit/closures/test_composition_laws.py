"""Laws that depend on the composition of the melt: against other programs, and through a case."""

import math

import pytest

import mocoupled as mo
from mocoupled.closures.ferric_iron import mole_fractions
from mocoupled.closures.registry import find
from mocoupled.closures.solubility import solubility_law
from mocoupled.errors import InputError
from mocoupled.melt.composition import composition_of
from mocoupled.planet.chemistry_of_case import resolve

BAR = 1e5
# the melts of the tests of PySulfSat and of VESIcal, wt%; the Fe2O3 of the latter as FeO
BASALT = {
    "SiO2": 52.72, "TiO2": 2.08, "Al2O3": 13.26, "FeO": 9.21, "MgO": 9.32, "CaO": 10.26, "Na2O": 2.24,
    "K2O": 0.43, "P2O5": 0.22,
}  # fmt: skip
ALKALINE = {
    "SiO2": 47.95, "TiO2": 1.67, "Al2O3": 17.32, "FeO": 10.33, "MgO": 5.76, "CaO": 10.93, "Na2O": 3.45,
    "K2O": 1.99, "P2O5": 0.51, "MnO": 0.1,
}  # fmt: skip


def shares(weight_percent):
    total = sum(weight_percent.values())
    return {oxide: amount / total for oxide, amount in weight_percent.items()}


@pytest.mark.parametrize("iron_of_sulfide, ppmw", [(0.65, 997.3519), (0.6227134, 955.4837)])
def test_saturation_in_sulfide(iron_of_sulfide, ppmw):
    """PySulfSat's tests of O'Neill 2021 at 1498 K, 10 bar; 2e-5 for its molar masses.

    Fe/(Fe + Ni + Cu) of the second is that of its relation for 100 ppmw Ni and 150 ppmw Cu."""
    law = find("sulfide_saturation", "ONeill2021")
    melt = {"composition": shares(BASALT), "ferric_share": 0.095, "iron_of_sulfide": iron_of_sulfide}
    assert 1e6 * law(T=1498.0, P=10 * BAR, **melt) == pytest.approx(ppmw, rel=2e-5)


def test_saturation_in_sulfide_falls_with_pressure():
    """Volumes: 2 GPa take away more than half, by (-291 P + 351 erf P)/T."""
    law = find("sulfide_saturation", "ONeill2021")
    low, high = (law(T=1700.0, P=P) for P in (1e5, 2e9))
    assert math.log(high / low) == pytest.approx((-582 + 351 * math.erf(2)) / 1700, abs=3e-5)


def test_share_of_sulfate():
    """PySulfSat's test of O'Neill & Mavrogenes 2022: S6+ is 0.008973 of all S at Fe3+/Fe = 0.095 and 1498 K.

    It takes the ferrous iron alone in the sulfate capacity, which the law takes for all iron: exp(16500 X/T).
    Its fO2 is that of `ONeill2018`; 1 % for 0.15 K less and P2O5 among its cations.
    """
    melt = shares(BASALT)
    X = mole_fractions({o: s for o, s in melt.items() if o != "P2O5"}, single_cation=True)
    above = 4 * (math.log10(0.095 / 0.905) + 1.36 - 2.0 * X["Na2O"] - 3.7 * X["K2O"] - 2.4 * X["CaO"])
    state = {"T": 1498.0, "ln_fO2": math.log(10) * (above + 8.58 - 25050 / 1498.0), "composition": melt}
    sulfide, sulfate = (
        find("solubility", name)(p_S2=1.0, **state) for name in ("sulfide-ONeill2021", "sulfate-ONeill2022")
    )
    sulfate *= math.exp(-16500 * 0.095 * X["FeO"] / 1498.0)
    assert sulfate / (sulfide + sulfate) == pytest.approx(0.008973, rel=0.01)


def test_sulfate_capacity_by_its_equation():
    """O'Neill & Mavrogenes 2022, Eq. 12a, times f_SO3 of 1 bar of S2, for a melt with all its oxides."""
    melt = shares(BASALT | {"MnO": 3.0})
    X = mole_fractions({o: s for o, s in melt.items() if o != "P2O5"}, single_cation=True)
    oxides = 44000 * X["Na2O"] + 18700 * X["MgO"] + 4300 * X["Al2O3"] + 44200 * X["K2O"] + 35600 * X["CaO"]
    oxides += 12600 * X["MnO"] + 16500 * X["FeO"]
    ln_S = -8.02 + (21100 + oxides) / 1600 + 55921 / 1600 - 25.07 + 0.6465 * math.log(1600) + 1.5 * -15.0
    law = find("solubility", "sulfate-ONeill2022")
    assert law(p_S2=BAR, T=1600.0, ln_fO2=-15.0, composition=melt) == pytest.approx(1e-6 * math.exp(ln_S))


def test_water_and_carbonate_in_mafic_melt():
    """VESIcal's test of Iacono-Marziano et al. 2012 at 1273 K, 1 kbar, half H2O and half CO2: 2.085 % H2O and
    500.1 ppmw CO2 by the hydrous coefficients. The anhydrous set fits the same experiments: within 5 %."""
    state = {"p_H2O": 500 * BAR, "P": 1000 * BAR, "T": 1273.15, "composition": shares(ALKALINE)}
    water = find("solubility", "mafic-water-IaconoMarziano2012")
    carbonate = find("solubility", "mafic-carbonate-IaconoMarziano2012")
    assert water(**state) == pytest.approx(0.0208535, rel=0.05)
    assert carbonate(p_CO2=500 * BAR, **state) == pytest.approx(500.067e-6, rel=0.05)
    for law, ppmw in zip((water, carbonate), iacono_marziano(ALKALINE, 500.0, 1000.0, 1273.15), strict=True):
        assert 1e6 * law(p_CO2=500 * BAR, **state) == pytest.approx(ppmw, rel=5e-4)


def iacono_marziano(melt, fugacity, P, T):
    """ppmw of H2O and CO2 at the same fugacity of both [bar], from wt% and the printed equations alone."""
    mass = {"SiO2": 60.08, "TiO2": 79.87, "Al2O3": 101.96, "FeO": 71.84, "MgO": 40.30, "CaO": 56.08}
    mass |= {"Na2O": 61.98, "K2O": 94.20, "P2O5": 141.94, "MnO": 70.94}
    n = {oxide: 100 * melt[oxide] / sum(melt.values()) / mass[oxide] for oxide in melt}
    bases = n["K2O"] + n["Na2O"] + n["CaO"] + n["MgO"] + n["FeO"]
    nbo = 2 * (bases - n["Al2O3"]) / (2 * n["SiO2"] + 2 * n["TiO2"] + 3 * n["Al2O3"] + bases)
    water = math.exp(0.54 * math.log(fugacity) + 1.24 * nbo - 2.95 + 0.02 * P / T)  # wt%
    n["H2O"] = water / 18.015
    X = {oxide: moles / sum(n.values()) for oxide, moles in n.items()}
    terms = 2.3 * X["H2O"] + 3.8 * X["Al2O3"] / (X["CaO"] + X["K2O"] + X["Na2O"])
    terms += -16.3 * (X["FeO"] + X["MgO"]) + 20.1 * (X["Na2O"] + X["K2O"])
    return 1e4 * water, math.exp(terms + math.log(fugacity) + 15.8 * nbo - 5.3 + 0.14 * P / T)


def test_molecular_nitrogen_follows_the_melt():
    """The term of N2 of Dasgupta et al. 2022; with the mole fractions of the fixed law both agree."""
    from mocoupled.chemistry.mechanism import read_mechanism

    entry = read_mechanism("chons").species["N2"].melt["silicate-Dasgupta2022"]
    state = {"p": 1e9, "P": 1e9, "T": 1700.0, "ln_fO2": -10.0}  # oxidised: no nitride
    for name in ("BSE", "basalt"):
        melt = composition_of(name).mass_fractions
        X = mole_fractions(melt)
        ppmw = math.exp(4.67 + 7.11 * X["SiO2"] - 13.06 * X["Al2O3"] - 120.67 * X["TiO2"])
        law = solubility_law("N2", "silicate-Dasgupta2022", entry, "", melt)
        assert 1e6 * law(**state) == pytest.approx(ppmw, rel=1e-3)


def test_a_case_passes_its_melt_to_the_laws():
    case = mo.Case.read("earth").replace({"volatiles.solubility.CO2": "mafic-carbonate-IaconoMarziano2012"})
    values = {}
    for name in ("BSE", "basalt"):
        law = resolve(case.replace({"melt.composition": name}), 4e24).solubility["CO2"]
        values[name] = law(p_CO2=1e7, P=1e7, T=1600.0)
        direct = find("solubility", law.name)
        assert law.doc == direct.doc
        melt = composition_of(name).mass_fractions
        assert values[name] == pytest.approx(direct(p_CO2=1e7, P=1e7, T=1600.0, composition=melt), rel=2e-4)
    assert values["BSE"] / values["basalt"] == pytest.approx(4.2, abs=0.2)


def test_carbonate_needs_a_flux():
    law = find("solubility", "mafic-carbonate-IaconoMarziano2012")
    with pytest.raises(InputError, match="CaO"):
        law(p_CO2=1e7, P=1e7, T=1600.0, composition={"SiO2": 0.5, "MgO": 0.5})


def test_partition_by_name():
    """Bell et al. 2004: 0.0063 between all crystals of a garnet lherzolite and melt."""
    named = {"volatiles.partition_coefficient": {"H2O": "garnet-lherzolite-Bell2004"}}
    case = mo.Case.read("earth").replace(named)
    assert mo.Case.parse(case.to_toml()) == case
    chemistry = resolve(case, 4e24)
    assert chemistry.partition["H2O"] == 0.0063 and chemistry.partition["CO2"] == 0.0
    by_number = mo.Case.read("earth").replace({"volatiles.partition_coefficient": {"H2O": 0.0063}})
    first, second = (mo.equilibrium(c, temperature=1900.0, melt_fraction=0.3) for c in (case, by_number))
    assert first.pressure.equals(second.pressure)
    assert "garnet-lherzolite-Bell2004" in first.attrs["laws"]
    values = {m: float(find("partition", f"{m}-Bell2004")()) for m in ("olivine", "orthopyroxene", "garnet")}
    assert values == {"olivine": 0.0053, "orthopyroxene": 0.0093, "garnet": 0.0014}
    assert float(find("partition", "clinopyroxene-Bell2004")()) == 0.016
    with pytest.raises(InputError, match="for H2O"):
        resolve(case.replace({"volatiles.partition_coefficient": {"CO2": "olivine-Bell2004"}}), 4e24)
    with pytest.raises(InputError, match="did you mean 'olivine-Bell2004'"):
        case.replace({"volatiles.partition_coefficient": {"H2O": "olivine-Bell"}})
