"""`yinuo doctor`: every setting, every connection, what is wrong and how to mend it. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from yinuo.cli.exit_codes import DONE, FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from yinuo.cli.checks import Finding
    from yinuo.cli.settings_table import SettingRow


def doctor(
    database_url: Annotated[
        bool,
        typer.Option(
            "--database-url", help="Print the database's address alone, with its password, for psql."
        ),
    ] = False,
) -> int:
    """Show every setting and try every connection: what is wrong, and how to mend it.

    Examples:

      yinuo doctor
      YINUO_KAFKA_URL=kafka.example:9092 yinuo doctor
      psql "$(yinuo doctor --database-url)"

    Changes nothing; secrets are masked. Exit code 1 if something is wrong.
    """
    from yinuo.cli.checks import all_findings
    from yinuo.cli.connections import database_address
    from yinuo.cli.console import print_line, remarks, results
    from yinuo.cli.settings_table import read_settings, setting_rows
    from yinuo.runtime.settings import load_settings

    if database_url:
        print_line(database_address(load_settings()))
        return DONE
    settings = read_settings()
    rows = setting_rows(settings)
    console = results()
    for part in _settings(rows):
        console.print(part, soft_wrap=True)
    with remarks().status("trying the connections ..."):
        findings = all_findings(settings, rows)
    for part in _findings(findings):
        console.print(part, soft_wrap=True)
    return FAILED if any(finding.wrong for finding in findings) else DONE


def _settings(rows: Sequence[SettingRow]) -> Iterator[Text]:
    """Two lines a setting: what it is, and what it means."""
    from rich.text import Text

    for row in rows:
        set_here = row.value != row.default
        line = Text.assemble((row.name, "bold"), " = ", (row.value, "bold cyan" if set_here else ""))
        if set_here:
            line.append(f"  (default {row.default})", style="dim")
        yield line
        yield Text("    " + row.meaning, style="dim")
        if row.wrong:
            yield Text("    " + row.wrong, style="bold red")
    yield Text()


def _findings(findings: Sequence[Finding]) -> Iterator[Text]:
    from rich.text import Text

    for finding in findings:
        word, style = ("WRONG", "bold red") if finding.wrong else ("ok", "green")
        yield Text.assemble((f"{word:<6}", style), (f"{finding.what}: ", "bold"), finding.found)
        if finding.mend:
            yield Text("      " + finding.mend)
