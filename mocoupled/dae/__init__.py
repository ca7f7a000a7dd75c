"""Declare, generate, solve: differential-algebraic models; knows no planet."""
