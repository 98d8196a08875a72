"""`yinuo migrate`: the database's schema and roles brought to the newest."""

from __future__ import annotations

from yinuo.cli.exit_codes import DONE, FAILED


def migrate() -> int:
    """Bring the database's schema and roles to this release.

    Examples:

      yinuo migrate
      YINUO_DATABASE_URL=postgresql://admin@db.example/yinuo yinuo migrate

    YINUO_TIMEZONE is noted in the database too: it says which day is today. Running it again changes
    nothing. What this user may not do is printed as SQL for an administrator, exit code 1.
    """
    import asyncio

    from yinuo.cli.connections import database_address
    from yinuo.cli.console import results, waiting
    from yinuo.cli.failures import complain
    from yinuo.runtime.settings import load_settings
    from yinuo.storage.migrate import migrate as apply_missing

    settings = load_settings()
    address = database_address(settings)
    with waiting("migrating"):
        report = asyncio.run(apply_missing(address, timezone=settings.timezone))
    for name in report.applied:
        results().print(f"applied {name}")
    if report.sql_for_admin is not None:
        complain(
            "this user may not make roles: let an administrator run what stands on stdout, then migrate again"
        )
        results().print(report.sql_for_admin, soft_wrap=True)
        return FAILED
    if not report.applied:
        results().print("the database is up to date")
    return DONE
