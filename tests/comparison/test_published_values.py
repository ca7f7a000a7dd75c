"""Published equilibria beside ours: agreement of the numbers and of our methods, and the reasons printed."""

import pytest

from mocoupled.constants import BAR

SEVERAL = ("full", "oracle")


def rows(comparisons, program):
    return [(c, e) for c in comparisons if c.record.program == program for e in c.entries]


def test_our_model_of_table_e_to_its_rounding(table_e):
    """Bower et al. 2022, Table E, 'our model': each of the 20 entries lies within half of its last printed
    digit.

    At 1388 K and no melt, which the paper does not print (all 20 hold only from 1387.6 to 1388.3 K).
    """
    entries = rows(table_e, "Bower et al. 2022")
    assert len(entries) == 20
    for comparison, entry in entries:
        assert entry.rounds("ours"), (comparison.record.name, entry)


# Every entry of FactSage's columns that misses 3 % (above 20 bar) or the 10 % below, or comes near, with its
# reason:
# CO 0.6 bar of the third row is printed to 8 %; CO 6.4 bar and H2 3.7 bar of the fourth move by 11 % for each
# 0.1 % of
# the oxygen; CH4 20.7 bar (second row) is 2.2 % and CH4 0.00043 bar (third) 7 % off, which is its data: log10
# K(CH4).
ALLOWED = {"above 20 bar": 3.0, "below": 10.0}


@pytest.mark.parametrize("method", SEVERAL)
def test_factsage_columns_of_table_e(table_e, method):
    """FactSage 8.0 with the elements and pressure of the paper's model: within 3 % above 20 bar, 10 % below.

    A closed system, so both by our kernel and by Cantera's minimiser, with the 41 gases of the largest
    mechanism. What is left is the data (NASA polynomials here) and the printed digits; where 0 is printed,
    ours is below 1e-3 bar."""
    entries = rows(table_e, "FactSage")
    assert len(entries) == 20
    for comparison, entry in entries:
        if entry.theirs == 0:
            assert entry.computed[method] < 1e-3 * BAR
            continue
        allowed = ALLOWED["above 20 bar" if entry.theirs > 20 * BAR else "below"]
        assert abs(entry.percent(method)) < allowed, (
            comparison.record.name,
            entry.species,
            entry.percent(method),
        )


def test_published_pressures_at_their_own_oxygen(without_melt):
    """FactSage within 0.03 dex and FastChem within 0.01 dex, at each row's own O2, with five gases and
    graphite.

    The five suffice: the 41 gases of the largest mechanism move no entry by more than 0.001 dex. The largest
    difference is CH4 at IW+2 (0.022 dex); it is the same by NASA's CEA (0.027), so it is in the data of
    FactSage."""
    for program, allowed, count in (("FactSage", 0.03, 6), ("FastChem", 0.01, 1)):
        entries = [(c, e) for c, e in rows(without_melt, program) if e.species != "O2"]
        assert len(entries) == 5 * count
        for comparison, entry in entries:
            for method in ("ours", *SEVERAL):
                assert abs(entry.dex(method)) < allowed, (
                    comparison.record.name,
                    entry.species,
                    method,
                    entry.dex(method),
                )
            assert abs(entry.dex("ours") - entry.dex("full")) < 1e-3
    for comparison in without_melt:
        assert comparison.log10_fO2["ours"] == pytest.approx(comparison.record.log10_fO2, abs=1e-12)


def test_graphite_of_the_published_row(without_melt):
    """FactSage's graphite (3.54162e20 kg) and oxygen (2.73159e19 kg) within 0.1 % and 0.3 %, at its own O2.

    The O2 is printed to 3 digits (0.4 %), and the oxygen of the gas follows its square root.
    """
    (saturated,) = [c for c in without_melt if c.record.name == "graphite_stable_873K"]
    printed = saturated.record.condensates["C(gr)"]
    for method in ("ours", *SEVERAL):
        assert saturated.condensates[method]["C(gr)"] == pytest.approx(printed, rel=1e-3)
    assert saturated.state.moles["O"] == pytest.approx(saturated.record.moles["O"], rel=3e-3)
    for comparison in without_melt:
        if comparison is not saturated:
            assert comparison.condensates["full"]["C(gr)"] < 1e-9 * comparison.state.moles["C"]


def test_our_kernel_and_cantera_agree(table_e, without_melt):
    """Both solve the same phases with the same polynomials: every printed species to 1e-7."""
    for comparison in (*table_e, *without_melt):
        for entry in comparison.entries:
            assert entry.computed["full"] == pytest.approx(entry.computed["oracle"], rel=1e-7), (
                comparison.record.name,
                entry.species,
            )


def test_the_closed_system_holds_the_planets_elements(table_e):
    """State: moles of gas from pressures and mean molar mass; H and C are the inventories to 1e-6 (no melt).

    The paper's molar masses and ours differ by 2e-4 in CH4, nothing else.
    """
    for comparison in table_e:
        ocean = float(comparison.record.case["volatiles.hydrogen"].split()[0]) * 1.55e20
        carbon = float(comparison.record.case["volatiles.carbon"].split()[0]) * ocean
        assert comparison.state.moles["H"] * 1.00794e-3 == pytest.approx(ocean, rel=1e-4)
        assert comparison.state.moles["C"] * 12.0107e-3 == pytest.approx(carbon, rel=1e-4)


def test_reasons_of_table_e(table_e):
    """The data set's water-gas constant is 8 % low at 1388 K (its fits hold for 1500-3000 K), oxidised rows
    are ill-conditioned, and coarse digits are named: each number is computed, none is canned."""
    for comparison in table_e:
        text = "\n".join(comparison.reasons)
        assert "outside the range of its fits" in text and "by -7.9 %" in text
        assert "0.0057 per mole of gas" in text
        assert f"log10 fO2 = {comparison.state.log10_fO2:.4f}" in text
    by_name = {(c.record.name, c.record.program): "\n".join(c.reasons) for c in table_e}
    assert "CO ±8.3 %" in by_name["1oc-C0.1-IW+2.0", "FactSage"]
    assert "0.1 % more oxygen moves CO -11.1 %, H2 -11.2 %" in by_name["1oc-C5-IW+4.0", "FactSage"]
    assert "ill-conditioned" not in by_name["3oc-C1-IW-2.0", "FactSage"]


def test_reasons_of_the_published_rows(without_melt):
    """Both absolute fugacities where a buffer is named: the offsets that the note of the values states (to
    1e-4)."""
    equivalent = {
        "CHO_reduced_IW-2": -1.9718 + 2,
        "CHO_oxidised_IW+2": 2.0419 - 2,
        "CHO_highly_oxidised_IW+4": 3.9882 - 4,
        "CHO_873K_IW": 0.0051,
    }
    for comparison in without_melt:
        text = "\n".join(comparison.reasons)
        if comparison.record.name in equivalent:
            assert "Hirschmann2021" in text and "the table's own is used" in text
            value = float(text.split(": ")[2].split(" dex")[0].rpartition(" ")[2])
            assert value == pytest.approx(equivalent[comparison.record.name], abs=1.5e-4)
        if comparison.record.name == "graphite_stable_873K":
            assert "graphite has no volume here" in text and "oxygen in gas and graphite" in text
