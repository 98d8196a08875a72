"""Writes the README's settings table anew, from the same rows that `yinuo doctor` shows.

Usage: settings_table.py README.md
"""

from __future__ import annotations

import sys
from pathlib import Path

from yinuo.cli.settings_table import PREFIX, default_text
from yinuo.runtime.settings import Settings

BEGINS, ENDS = "<!-- settings: made by `make settings` -->\n", "<!-- /settings -->"


def main() -> None:
    """Replace what stands between the two marks in the file named on the command line."""
    page = Path(sys.argv[1])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    page.write_text(before + BEGINS + table() + ENDS + after, encoding="utf-8")


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        cells = (f"`{PREFIX}{name.upper()}`", default_text(name, field), field.description or "")
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
