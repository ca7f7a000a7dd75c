"""From a declared model to the text of a Python module with its residuals and derivatives.

straight_line_programs.py differentiates; source_text.py and field_text.py write scalars and cells as text.
printers.py and python_module.py are the text itself; the kernel folder uses the latter too.
You may change how text is generated, but never the values that the text computes.
Start with source_text.py.
"""
