"""Species and their reactions, from a mechanism file to what the volatiles of a case consist of."""
