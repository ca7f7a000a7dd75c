"""Files for other readers, from stored results: HTML pages and the tables of an intercomparison.

Start with html_page.py."""
