"""What several test files share, beside the fixtures of the conftest.py files: import it as
`support.NAME`."""
