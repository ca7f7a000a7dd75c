"""Results: stored whole, checked, continued, read back and handed on as reports and tables."""
