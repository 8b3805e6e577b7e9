"""One database: an SQLite file in OUT, or PostgreSQL for teams. Transactions are short; errors say what to do and hold no words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..errors import InUseError, OutputError, SettingsError
from ..names import printable
from ..serial import FILE_MODE
from .migrations import upgrade
from .schema import METADATA

BUSY_TIMEOUT_S = 30.0
LOCK = 0x766F6D6E  # of advisory locks: one number for all of voicemon, the other says which schema
DRIVER = "postgresql+psycopg"
SHOWN = ("host", "options", "port", "service")  # of an address; anything else may be secret
SCHEMES = ("postgresql", "postgres", DRIVER)
# secure_delete: what was forgotten is overwritten with zeros. FULL: a review that was told as recorded survives a power cut.
PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
REMEDIES = {
    "locked": f"another program has held it for {BUSY_TIMEOUT_S:.0f} s; close that and run the same command again",
    "full": "free some space and run the same command again: finished calls are kept",
    "readonly": "it cannot be written; check its permissions, or give another OUT",
    "unable to open": "check the path and its permissions, or give another OUT",
    "not a database": "it is damaged; put back a copy of it, or move it away to have all calls analysed again",
    "malformed": "it is damaged; put back a copy of it, or move it away to have all calls analysed again",
}
AGAIN = "check the database server and run the same command again: finished calls are kept"


class Database:
    """A database by its address; may be sent to a worker, which makes its own connections.

    Every method raises :class:`OutputError` when the database cannot be read or written.
    """

    def __init__(self, url: sa.URL, name: str) -> None:
        self.url, self.name = url, name
        self._engine: tuple[int, sa.Engine] | None = None

    @classmethod
    def in_file(cls, path: Path) -> Database:
        """The SQLite database in ``path``; see :meth:`prepare`."""
        return cls(sa.URL.create("sqlite", database=str(path)), printable(path))

    @classmethod
    def at(cls, address: str) -> Database:
        """The PostgreSQL database at ``postgresql://…``. Raises :class:`SettingsError`; a password is never told."""
        try:
            url = sa.make_url(address)
        except (sa.exc.ArgumentError, ValueError):
            raise SettingsError("--store: is no address of a database; give postgresql://USER@HOST/DATABASE") from None
        if url.drivername not in SCHEMES or not url.database:
            raise SettingsError(f"--store: {printable(url.drivername)}://… is not supported; give postgresql://USER@HOST/DATABASE")
        place = f"{url.username}@" if url.username else ""
        place += (url.host or "localhost") + (f":{url.port}" if url.port else "")
        shown = "&".join(f"{key}={value}" for key, value in sorted(url.query.items()) if key in SHOWN)
        return cls(url.set(drivername=DRIVER), printable(f"postgresql://{place}/{url.database}{'?' if shown else ''}{shown}"))

    @property
    def is_file(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_engine": None}

    def __repr__(self) -> str:
        return f"Database({self.name})"

    def prepare(self) -> None:
        """Make the database, readable by its owner only, and bring its tables to the newest version."""
        if self.is_file:
            # Made before SQLite does: -wal and -shm take their mode from it.
            path = Path(str(self.url.database))
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
            except OSError as err:
                raise OutputError(f"{self.name}: cannot be written ({err.strerror}); check its permissions, or give another OUT") from err
            with os.fdopen(handle, "rb+"):
                if path.stat().st_size == 0:
                    path.chmod(FILE_MODE)
        with self.write() as connection:
            upgrade(connection, self.name)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads."""
        with self._explained(), self._connected() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that is done as a whole or not at all; keep it short, others wait for it."""
        with self._explained(), self._connected() as connection:
            connection.execution_options(voicemon_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold a server's database for one run; a file needs none, whoever has OUT has it. Raises :class:`OutputError` when it is taken."""
        if self.is_file:
            yield
            return
        keys = (sa.literal(LOCK), sa.func.hashtext(sa.func.current_schema()))
        with self._explained(), self._connected() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(*keys))).scalar():
                raise InUseError(f"{self.name}: another voicemon is writing here; wait for it, or give another --store")
            try:
                yield
            finally:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(*keys)))

    def clean(self) -> None:
        """Write the database anew without what was removed, so that nothing of it is left in its files."""
        with self._explained(), self._connected() as connection:
            if self.is_file:
                connection.connection.cursor().execute("VACUUM")  # by the driver: it may be in no transaction
            else:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.exec_driver_sql(f"VACUUM FULL {', '.join(METADATA.tables)}")
        self.truncate_log()

    def truncate_log(self) -> None:
        """Empty the log of a file. A server's log is the server's own."""
        if not self.is_file:
            return
        with self._explained(), self._connected() as connection:
            cursor = connection.connection.cursor()
            if cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise OutputError(f"{self.name}: another program reads it, so its log cannot be emptied; close that and run again")

    def close(self) -> None:
        """Close the connections of this process."""
        if self._engine is not None:
            self._engine[1].dispose()
            self._engine = None

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        # A connection that came through a fork belongs to the other process.
        if self._engine is None or self._engine[0] != os.getpid():
            self._engine = (os.getpid(), self._make_engine())
        with self._engine[1].connect() as connection:
            yield connection

    def _make_engine(self) -> sa.Engine:
        return self._engine_for(self.url, PRAGMAS)

    def _engine_for(self, url: sa.URL, pragmas: tuple[str, ...]) -> sa.Engine:
        try:
            # Statements may be told in an error, what they were about may not.
            engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=not self.is_file)
        except ModuleNotFoundError as err:
            raise SettingsError("--store: PostgreSQL needs one more library: pip install 'voicemon[postgres]'") from err
        if self.is_file:
            sa.event.listen(engine, "connect", partial(_set_up, pragmas))
            sa.event.listen(engine, "begin", _begin)
        return engine

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as err:
            cause = getattr(err, "orig", None) or err
            # Of a broken value the server tells the value; of a broken connection only what is wrong.
            told = str(cause).splitlines()[0] if isinstance(err, sa.exc.OperationalError) and str(cause) else type(cause).__name__
            remedy = next((way for sign, way in REMEDIES.items() if self.is_file and sign in str(cause)), AGAIN)
            raise OutputError(f"{self.name}: the database cannot be used ({printable(told)}); {remedy}") from None


def _set_up(pragmas: tuple[str, ...], connection: Any, _: Any) -> None:
    # Python's driver would begin transactions at statements of its choice; see _begin.
    connection.isolation_level = None
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: sa.Connection) -> None:
    # Who reads first and then writes can be refused at once; who says so at the beginning waits for its turn.
    writes = connection.get_execution_options().get("voicemon_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
