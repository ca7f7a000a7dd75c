"""The keys of a case: what each section holds, with units, allowed values and meaning."""
