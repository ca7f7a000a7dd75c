"""Bower, Hakim, Sossi & Sanan 2022: its cases, the values of its claims, its figures."""
