"""Many cases at once, and maps of equilibria over many conditions."""
