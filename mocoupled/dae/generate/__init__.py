"""From a declared model to the text of a Python module with its residuals and derivatives.

May change: how text is generated, never what it computes. Start with source_text.py."""
