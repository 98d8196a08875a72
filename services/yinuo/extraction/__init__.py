"""The core: Chinese official prose in, pledges and metrics out. Pure; the law is in `pyproject.toml`."""
