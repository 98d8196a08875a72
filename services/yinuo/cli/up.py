"""`yinuo up`: everything in one process tree, in the foreground, until Ctrl-C."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yinuo.runtime.run_file import RunningUp
    from yinuo.runtime.stack import Step

STEPS = {
    "kafka": "Kafka broker",
    "postgres": "Postgres",
    "migrate": "schema",
    "services": "extractor, writer, pages",
}
"""The parts of the process tree in words, in the order of their start."""


def up() -> int:
    """Run broker, Postgres, extractor, writer and the pages until Ctrl-C, and say where they are.

    Examples:

      yinuo up
      YINUO_DATA_DIR=~/yinuo-data YINUO_EMBEDDED_KAFKA_PORT=0 yinuo up
      YINUO_DATABASE_URL=postgresql://yinuo@db.example/yinuo yinuo up

    Ctrl-C or SIGTERM lets what is under way come to its end, at most 30 s, and ends everything; a second one ends it
    sooner. Whatever the settings name elsewhere is used and not started. The broker keeps its messages in memory:
    an article is safe once it is in Postgres.
    """
    from yinuo.runtime.settings import load_settings
    from yinuo.runtime.supervisor import run_up

    settings = load_settings()
    begun = time.monotonic()

    def on_ready(running: RunningUp) -> None:
        _print_addresses(running, time.monotonic() - begun, str(settings.data_dir))

    return run_up(settings, on_step=print_step, on_ready=on_ready)


def print_step(step: Step) -> None:
    """One line on stderr for a part that stands."""
    from yinuo.cli.console import remarks

    remarks().print(f"{STEPS.get(step.name, step.name):<22} {step.seconds:5.2f} s", style="dim")


def _print_addresses(running: RunningUp, seconds: float, data_dir: str) -> None:
    from yinuo.cli.console import program, results
    from yinuo.cli.settings_table import masked

    called = program()
    lines = (
        f"yinuo is up after {seconds:.1f} s; Ctrl-C ends it",
        f"  Kafka     {running.bootstrap}",
        f"  Postgres  {masked(running.dsn)}",
        *([f"  pages     {running.web}"] if running.web else []),
        f"  data      {data_dir}",
        "in another terminal:",
        f"  {called} submit seeds/ --wait",
        f"  {called} pledges",
        f'  psql "$({called} doctor --database-url)"',
    )
    for line in lines:
        results().print(line, soft_wrap=True)
