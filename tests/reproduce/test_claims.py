"""The claims of Bower et al. 2022: complete, argued, computed; the verdict on a number; states at a melt
fraction."""

import json
import math
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import xarray

from mocoupled.case import Case
from mocoupled.errors import InputError
from mocoupled.reproduce import claims
from mocoupled.reproduce import claims_table as report
from mocoupled.reproduce import value_sources as sources
from mocoupled.reproduce.bower2022.cases import FIGURES, collect, of_figure
from mocoupled.reproduce.bower2022.values import VALUES
from mocoupled.results.diagnostics import at_melt_fraction, at_time, bar, diagnosed, mixing_ratio

CLAIMS = claims.paper_claims("bower2022")
KEYS = {claim.key: claim for claim in CLAIMS}


@pytest.fixture(scope="module")
def equilibria():
    names = [n for figure in FIGURES for n in of_figure(figure)] + [
        n for claim in CLAIMS for n in claim.cases
    ]
    return sources.Equilibria(collect(names))


# ---- the data


def test_claims_are_complete():
    assert sorted({claim.number for claim in CLAIMS}) == list(range(1, 91))
    assert len(KEYS) == len(CLAIMS), "a claim and part stands twice"
    computed = {key for key, claim in KEYS.items() if claim.kind in ("run", "equilibrium", "input")}
    assert computed == set(VALUES)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_claim_is_argued(claim):
    """Limits have a reason, wider ones too; a claim without limits says why, and one that is not computed
    whose it is."""
    limited = claim.low is not None or claim.high is not None
    assert claim.claim and claim.published and claim.section
    if claim.kind in claims.NOT_COMPUTED:
        assert claim.note and not limited and not claim.cases
        return
    assert claim.unit
    assert bool(claim.tolerance) == limited
    assert limited or "lost" in claim.published
    assert not claim.within or f"{claim.within:g} %" in claim.tolerance
    if claim.kind == "run":
        assert claim.cases
        assert set(claim.cases) <= {n for figure in FIGURES for n in of_figure(figure)}, (
            "its case is not run for any figure"
        )


@pytest.mark.parametrize("key", [k for k, claim in KEYS.items() if claim.kind in ("run", "equilibrium")])
def test_values_use_the_cases_they_name(key, equilibria):
    """Of a claim's function every case it asks for stands in its column `cases`."""
    requested = set()

    class Watched:
        def __getattr__(self, name):
            def call(case, *rest, **more):
                requested.add(case)
                return getattr(equilibria, name)(case, *rest, **more)

            return call

    with suppress(sources.NotComputed):
        VALUES[key](Watched())
    assert requested <= set(KEYS[key].cases)
    assert requested


# ---- the values


# Algebraic chemistry alone: molten at 2700 K, partly molten at 1650 K, solid at 1388 K. The expected values
# are those of an
# independent solution (two unknowns, ln p(H2O) and ln p(CO2), and two conservation laws) of the same
# equations with the
# same constants; each is compared to half of its last digit.
ALGEBRAIC = {
    "12": "271.6", "16a": "3.93", "16b": "2.41", "18a": "79.2", "18b": "48.7", "25a": "22.7", "25b": "3.5",
    "27a": "71",
    "27b": "82", "27c": "90", "33": "88.8", "34": "8.4", "36a": "0.23", "36b": "1.6", "37": "223",
    "38": "8.75",
    "39a": "61.8", "39b": "133.36", "39c": "102.4", "39d": "221.0", "40": "1.8", "41b": "42", "42": "2.98",
    "43a": "214",
    "47a": "9.8", "47b": "20", "47c": "23", "70a": "0.79", "70b": "1.63", "72": "4.2505",
    "73": "7.08", "74": "0.37", "75": "186.2", "76": "22.6", "77": "41.5", "78": "50.8", "79": "47.6",
    "80": "213.3",
    "81": "460.0", "82": "22.0", "83": "0.69", "84": "3.66", "85": "19.75", "86": "239.6", "87": "6.99",
    "88": "368.3",
    "89": "3.66", "90": "443.6", "11": "6.29e4", "62a": "311", "62b": "461",
}  # fmt: skip


@pytest.mark.parametrize("key", ALGEBRAIC)
def test_algebraic_value(key, equilibria):
    text = ALGEBRAIC[key]
    mantissa, _, power = text.partition("e")
    rounding = 0.5 * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    assert VALUES[key](equilibria) == pytest.approx(float(text), rel=0, abs=1.02 * rounding)


def test_graphite(equilibria):
    """The independent solution has f(CO) over that of the buffer 1.04 for 10 oceans and C/H = 5 at IW-2, all
    molten at 2700 K; it crosses 1 at 2400 K for 5 oceans; at 1650 K and 2 % melt it is 0.64 at IW+0.5, and at
    most 0.22 at IW-2 and C/H = 1. All to the digits printed there (2400 K: to 10 K)."""
    assert float(equilibria.start("F10-C5-IW-2").graphite_activity) == pytest.approx(1.04, abs=0.005)
    assert float(equilibria.end("F10-C5").graphite_activity) == pytest.approx(0.64, abs=0.005)
    assert float(equilibria.end("F10-C1-IW-2").graphite_activity) == pytest.approx(0.22, abs=0.005)
    assert VALUES["60"](equilibria) == pytest.approx(2400, abs=10)
    hotter = VALUES["59"](equilibria)
    there = equilibria.state("F10-C5-IW-2", hotter, 1.0)
    assert float(there.graphite_activity) == pytest.approx(1.0, abs=1e-3)


def test_dominance(equilibria):
    """IW+4, C/H = 1, 1650 K: H2O is the most abundant gas at 15, 10 and 5 % melt for 10, 3 and 1 oceans, and
    is not at 20, 15 and 10 %: what the independent solution finds on that grid."""
    for key, low, high in (("50a", 15, 20), ("50b", 10, 15), ("50c", 5, 10)):
        assert low <= VALUES[key](equilibria) < high


def test_the_known_disagreements_show(equilibria):
    """What no run can mend is not called agreement: claims 34, 36b, 41b, 59 and 60."""
    for key in ("34", "36b", "41b", "59", "60", "47b", "48c"):
        assert claims.judge(KEYS[key], VALUES[key](equilibria)) == claims.DISAGREES
        assert KEYS[key].note


# ---- the verdict

ONE = claims.Claim(
    1, "a", "1", "x", "4 bar", 3.5, 4.5, "bar", 10.0, "run", ("E1",), "", "half of the last digit", ""
)


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(3.5, "agrees"), (4.0, "agrees"), (4.5, "agrees"), (4.51, "within 1 %"), (4.9, "within 9 %"),
    (4.96, "disagrees"), (3.2, "within 9 %"),
     (3.1, "disagrees"), (math.inf, "disagrees")],
)  # fmt: skip
def test_verdict(value, verdict):
    assert claims.judge(ONE, value) == verdict


def test_verdict_on_inequalities_and_lost_numbers():
    above, lost = replace(ONE, high=None, within=0.0), replace(ONE, low=None, high=None)
    assert claims.judge(above, 1e9) == "agrees" and claims.judge(above, 3.49) == "disagrees"
    assert claims.judge(replace(ONE, low=None, within=0.0), -1e9) == "agrees"
    assert claims.judge(lost, 4.0) == "not comparable"


def test_evaluate_tells_why_there_is_no_value():
    def fails(source):
        raise sources.NotComputed(f"of {source}")

    listed = [
        ONE,
        replace(ONE, number=2, kind="context", note="why"),
        replace(ONE, number=3),
        replace(ONE, number=4),
    ]
    values = {
        "1a": lambda source: {"run": 9.0, "beside": 4.0}[source],
        "3a": fails,
        "4a": lambda source: math.nan,
    }
    judged = claims.evaluate(listed, values, "run", "beside", stand_in="another mantle")
    assert [judgement.verdict for judgement in judged] == [
        "disagrees",
        "not computed: not a result of the model",
        "not computed: of run",
        "not computed: the value is not a number",
    ]
    assert judged[0].reason == "another mantle" and judged[0].equilibrium == 4.0
    assert claims.evaluate(listed[:1], values, "run", "beside")[0].reason == "unexplained"
    assert claims.evaluate([replace(ONE, note="known")], values, "run", "beside")[0].reason == "known"
    stated = report.claims_markdown(judged, "Title", ["About."])
    assert stated.count("| 1a |") == 2 and "4 quantities of 4 claims: 1 disagrees, 3 not computed." in stated
    assert (
        report.claims_csv(judged)
        .splitlines()[1]
        .startswith("1,a,1,x,,4 bar,9,4,bar,disagrees,another mantle,3.5,4.5,run")
    )


@pytest.mark.parametrize(
    ("row", "says"),
    [("x,a,1,c,p,1,2,K,,run,E1,,t,", "not a claim"), ("1,a,1,c,p,3,2,K,,run,E1,,t,", "above high"),
    ("1,a,1,c,p,1,2,K,,guess,E1,,t,", "no such kind"),
     ("1,a,1,c", "not a claim")],
)  # fmt: skip
def test_bad_claims_are_refused(row, says, tmp_path):
    head = "number,part,section,claim,published,low,high,unit,within,kind,cases,conditions,tolerance,note"
    (tmp_path / "c.csv").write_text(f"# remark\n{head}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=says):
        claims.read_claims(tmp_path / "c.csv")
    with pytest.raises(InputError, match="cannot be read"):
        claims.read_claims(tmp_path / "nothing.csv")


# ---- what is read off a run


def straight():
    """A run in which everything falls or rises along straight lines in the melt fraction: 3 times, H2O and
    H2."""
    time, melt = np.array([0.0, 10.0, 30.0]), np.array([1.0, 0.6, 0.1])
    gas, dissolved = np.outer(1 - melt, [18.0, 2.0]), np.outer(melt, [36.0, 0.0])
    ratio = np.array([[0.5, 0.5], [0.6, 0.4], [0.7, 0.3]])
    variables = {
        "melt_fraction": ("time", melt), "melt_mass": ("time", 100 * melt),
        "pressure": (("time", "species"), 1e5 * (1 + gas)),
        "gas_mass": (("time", "species"), gas), "dissolved_mass": (("time", "species"), dissolved),
        "mixing_ratio": (("time", "species"), ratio),
    }  # fmt: skip
    attrs = {
        "composition": json.dumps({"H2O": {"H": 2, "O": 1}, "H2": {"H": 2}}),
        "molar_masses": json.dumps({"H2O": 0.018, "H2": 0.002}),
    }
    return xarray.Dataset(variables, {"time": time, "species": ["H2O", "H2"]}, attrs)


def test_diagnosed_accounts_for_hydrogen():
    run = diagnosed(straight())
    assert run.hydrogen_moles.values == pytest.approx(
        [4000.0] * 3
    )  # 36 kg of H2O dissolved, or 18 and 2 kg of gas
    assert run.interior_depletion.values == pytest.approx([0.0, 0.4, 0.9])
    assert run.hydrogen_share.values == pytest.approx(1.0) and run.carbon_share.values == pytest.approx(0.0)
    assert run.dissolved_share.sel(species="H2O").values == pytest.approx(0.36)
    assert all(
        run[name].attrs["units"] and run[name].attrs["long_name"]
        for name in ("hydrogen_moles", "interior_depletion", "dissolved_share")
    )


def test_diagnosed_carbon_to_hydrogen_is_a_ratio_of_masses():
    """Methane: 12.0107 g of C beside 4 times 1.00794 g of H. Graphite of 3 times that C makes it 4 times.

    The masses of the elements are added here one by one, so that neither a ratio of moles (1/4) nor the molar
    mass of carbon applied once too often could pass.
    """
    weight = {"C": 12.0107e-3, "H": 1.00794e-3}
    mass = weight["C"] + 4 * weight["H"]
    rows = [[mass], [mass]]
    run = xarray.Dataset(
        {
            "melt_mass": ("time", [1.0, 1.0]),
            "gas_mass": (("time", "species"), [[0.25 * mass], [0.75 * mass]]),
            "dissolved_mass": (("time", "species"), [[0.75 * mass], [0.25 * mass]]),
            "mixing_ratio": (("time", "species"), rows),
        },
        {"time": [0.0, 1.0], "species": ["CH4"]},
        {
            "composition": json.dumps({"CH4": {"C": 1, "H": 4}}),
            "molar_masses": json.dumps({"CH4": mass}),
        },
    )
    plain = diagnosed(run)
    assert plain.carbon_moles.values == pytest.approx(1.0)
    assert plain.hydrogen_moles.values == pytest.approx(4.0)
    assert plain.carbon_to_hydrogen.values == pytest.approx(weight["C"] / (4 * weight["H"]), rel=1e-12)
    graphite = run.assign(graphite_mass=("time", [0.0, 3 * weight["C"]]))
    growth = diagnosed(graphite).carbon_to_hydrogen.values / plain.carbon_to_hydrogen.values
    assert growth == pytest.approx([1, 4])


def test_state_at_a_melt_fraction():
    run = diagnosed(straight())
    state = at_melt_fraction(run, 0.35)
    assert float(state.time) == pytest.approx(20.0) and float(state.melt_fraction) == pytest.approx(0.35)
    assert float(state.interior_depletion) == pytest.approx(0.65)
    assert bar(state, "H2", "CO") == pytest.approx(2.3) and mixing_ratio(state, "CO") == 0.0
    assert float(at_melt_fraction(run, 1.0).time) == 0.0
    assert float(at_melt_fraction(run, 0.097).melt_fraction) == 0.1  # ended within 0.005 above it
    assert at_melt_fraction(run, 0.09) is None
    assert float(at_time(run, 5.0).melt_fraction) == pytest.approx(0.8) and at_time(run, 31.0) is None


def test_equilibria_know_no_history(equilibria):
    for method in (equilibria.run, equilibria.lid, equilibria.lifetime):
        with pytest.raises(sources.NotComputed):
            method("E1")
    with pytest.raises(sources.NotComputed, match="no case X"):
        equilibria.start("X")
    with pytest.raises(sources.NotComputed, match="never is at graphite saturation"):
        equilibria.saturation_temperature("F1-C0.1")
    assert (
        float(equilibria.end("E1").melt_fraction) == 0.3 and float(equilibria.end("F1").melt_fraction) == 0.02
    )
    assert Case.read("F1").checksum == collect(["F1"])["F1"].checksum
