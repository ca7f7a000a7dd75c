"""The sentence on melt that is denser than its crystals, and on the core that it warms."""

from mocoupled.provenance.omissions import dense_melt


def test_a_core_that_warms_is_said():
    """Only where melt sinks, and only where the core has warmed."""
    assert dense_melt(None, 500.0) == []
    (still,), (warmed,) = dense_melt(930e9, 0.0), dense_melt(930e9, 512.3)
    assert "930 GPa" in still["sentence"] and "core" not in still["sentence"]
    assert (
        warmed["sentence"]
        == f"{still['sentence']} The heat that it takes along warms the core, by up to 512 K."
    )
