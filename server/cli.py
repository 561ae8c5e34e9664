"""The one command-line program: demo, serve, migrate, create-admin, config, library, deid."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError, OperationalError

from cases.library import indexer
from server import config, demo, logs, media_worker, wiring
from server.app import create_app, read_secret
from server.config import ConfigError, Settings
from server.deid import lines
from server.edge.listener import Listener
from server.kit.clock import SystemClock
from server.kit.errors import DomainError
from server.people import commands as people
from server.store import facts, migrate
from server.store.engine import make_engines
from server.store.lock import AlreadyServed, ServerLock
from server.store.unit import Units
from sessions.media.dataplane.choice import NotCompiled
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.mux import PortBusy
from sessions.media.plane import MediaPlane
from sessions.media.workers.plane import WorkersPlane
from sessions.media.workers.remote import CannotStart

cli = typer.Typer(
    name="caseround",
    help="The virtual clinic for telementoring.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

library = typer.Typer(help="Look after the library.", no_args_is_help=True)
cli.add_typer(library, name="library")
deid = typer.Typer(help="The identifier check.", no_args_is_help=True)
cli.add_typer(deid, name="deid")


class Stop(Exception):
    """The program cannot go on; the text is one sentence that says what to do."""


def main() -> None:
    """Run the command line; expected failures are one sentence on standard error and exit 1."""
    try:
        code = cli(standalone_mode=False)
    except typer.Abort:
        sys.exit(1)
    except (Stop, ConfigError) as error:
        sys.exit(f"caseround: {error}")
    except Exception as error:
        show = getattr(error, "show", None)
        if show is None:
            raise
        show()
        sys.exit(2)
    if isinstance(code, int) and code:
        sys.exit(code)


def _run(work: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work)


def _settings(**overrides: object) -> Settings:
    settings = config.load(**overrides)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        msg = (
            f"the data folder {settings.data_dir} cannot be written; choose another with"
            " CASEROUND_DATA_DIR or change its owner."
        )
        raise Stop(msg) from error
    return settings


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Units]:
    engines = make_engines(settings.database)
    try:
        yield Units(engines, SystemClock())
    except (OperationalError, DBAPIError, OSError) as error:
        if isinstance(error, DBAPIError) and not isinstance(error, OperationalError):
            raise
        msg = (
            f"the database cannot be reached ({type(error).__name__}); check"
            " CASEROUND_DATABASE_URL and that the server runs."
        )
        raise Stop(msg) from error
    finally:
        await engines.dispose()


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[Units]:
    """Open the database for serving: locked against a second process, newest schema."""
    async with _database(settings) as units:
        lock = ServerLock(units.engines, settings.database)
        try:
            await lock.acquire()
        except AlreadyServed as error:
            msg = (
                "another Caseround process serves this database already; stop it first, or"
                " choose another CASEROUND_DATA_DIR."
            )
            raise Stop(msg) from error
        try:
            await migrate.upgrade(units.engines)
            yield units
        finally:
            await lock.release()


async def _is_demo(units: Units) -> bool:
    async with units.read() as unit:
        return await facts.read(unit, facts.DEMO) is not None


def _raise_file_limit() -> None:
    """Ask for the descriptors that many connections need (security.md 48)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(65_536, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"port {port} on {host} cannot be used ({error.strerror}); stop what uses it or"
                " choose another with CASEROUND_HTTP_PORT."
            )
            raise Stop(msg) from error


async def _media(settings: Settings) -> MediaPlane:
    media = MediaSettings(settings.media_port, settings.addresses(), settings.media_backend)
    try:
        if count := settings.workers():
            command = media_worker.command(form=settings.log_format, level=settings.log_level)
            return await WorkersPlane.start(count, media, command, SystemClock())
        return await LocalPlane.start(media, SystemClock())
    except CannotStart as error:
        raise Stop(str(error)) from error
    except NotCompiled as error:
        raise Stop(str(error)) from error
    except PortBusy as error:
        msg = (
            f"UDP port {settings.media_port} for picture and sound cannot be used; stop what uses"
            " it, or choose another with CASEROUND_MEDIA_PORT (and check"
            " CASEROUND_MEDIA_ADDRESSES)."
        )
        raise Stop(msg) from error


async def _serve(settings: Settings, *, demonstration: bool) -> None:
    _raise_file_limit()
    _check_port(settings.http_host, settings.http_port)
    async with _served(settings) as units:
        if demonstration:
            try:
                await demo.prepare(units, wiring.subscribers())
            except demo.HalfMade as error:
                msg = (
                    "making the demonstration was interrupted; delete the folder"
                    f" {settings.data_dir} and start again."
                )
                raise Stop(msg) from error
            except demo.NotDemo as error:
                msg = (
                    "this database holds real data and is no demonstration; choose another"
                    " CASEROUND_DATA_DIR, or serve it with `caseround serve`."
                )
                raise Stop(msg) from error
        elif await _is_demo(units):
            msg = (
                "this database was made by `caseround demo`: everybody in it has a public"
                " sign-in link. Choose another CASEROUND_DATA_DIR or CASEROUND_DATABASE_URL."
            )
            raise Stop(msg)
        links = await demo.links(units) if demonstration else None
        plane = await _media(settings)
        app = create_app(
            settings,
            units,
            secret=read_secret(settings.data_dir),
            plane=plane,
            demo_links=links,
        )
        listener = Listener(app)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        port = await listener.start(settings.http_host, settings.http_port)
        log = structlog.get_logger("cli")
        log.info("serving", address=settings.http_host, port=port, version=version("caseround"))
        if links is not None:
            demo.print_table(links, settings.origin)
        try:
            await stopped.wait()
        finally:
            await listener.stop()
            await plane.close()
        log.info("stopped")


@cli.command(name="demo")
def demo_command() -> None:
    """Serve a demonstration clinic on this machine only, with one-click sign-in links."""
    overrides: dict[str, object] = {}
    if "CASEROUND_LOG_FORMAT" not in os.environ:
        overrides["log_format"] = "text"
    if "CASEROUND_LOG_LEVEL" not in os.environ:
        overrides["log_level"] = "warning"
    settings = _settings(**overrides)
    if settings.http_host not in config.LOOPBACK_NAMES:
        msg = (
            f"the demonstration has public sign-in links and listens on this machine only, not on"
            f" {settings.http_host}; unset CASEROUND_HTTP_HOST, or use `caseround serve`."
        )
        raise Stop(msg)
    if settings.origin.startswith("https"):
        msg = "the demonstration is served on http://localhost; unset CASEROUND_PUBLIC_URL."
        raise Stop(msg)
    logs.setup(form=settings.log_format, level=settings.log_level)
    _run(_serve(settings, demonstration=True))


@cli.command()
def serve() -> None:
    """Serve Caseround."""
    settings = _settings()
    logs.setup(form=settings.log_format, level=settings.log_level)
    _run(_serve(settings, demonstration=False))


@cli.command(name="migrate")
def migrate_command() -> None:
    """Bring the database to this program's schema."""
    settings = _settings()
    logs.setup(form=settings.log_format, level=settings.log_level)

    async def work() -> None:
        async with _database(settings) as units:
            before, after = await migrate.upgrade(units.engines)
            typer.echo(
                f"The database is at {after}."
                if before == after
                else f"The database went from {before or 'empty'} to {after}."
            )

    _run(work())


@cli.command(name="create-admin")
def create_admin(
    email: Annotated[str, typer.Option(help="The administrator's e-mail address.")],
    name: Annotated[str, typer.Option(help="The administrator's name.")],
) -> None:
    """Print a link, good for one hour and one use, that opens a platform administrator's account."""
    settings = _settings()
    logs.setup(form=settings.log_format, level=settings.log_level)

    async def work() -> None:
        async with _database(settings) as units:
            await migrate.upgrade(units.engines)
            try:
                async with units.write() as unit:
                    token = await people.invite_admin(unit, name=name, email=email)
                    await unit.commit()
            except DomainError as error:
                msg = f"{email} has an account already; choose another address."
                raise Stop(msg) from error
            typer.echo("Open this link within an hour; it works once:")
            typer.echo(f"{settings.origin}/invitations/{token}")

    _run(work())


@cli.command(name="config")
def config_command() -> None:
    """Show every setting with its value; secrets are hidden."""
    settings = config.load()
    table = Table("Setting", "Value", "Meaning", show_lines=False, box=None)
    for row in settings.shown():
        table.add_row(*row)
    Console().print(table)


@cli.command(name="media-worker", hidden=True)
def media_worker_command() -> None:
    """Forward picture and sound for a server, which starts this by itself (MEDIA_WORKERS)."""
    try:
        media_worker.run("json", "info")
    except media_worker.NotStartedByServer as error:
        raise Stop(str(error)) from error


@library.command()
def rebuild() -> None:
    """Make the library's search index anew from the signed letters; the server must be stopped."""
    settings = _settings()
    logs.setup(form=settings.log_format, level=settings.log_level)

    async def work() -> None:
        # Locked like serving: a server would write to the index in the middle of it. One
        # transaction: whoever interrupts it has the old index.
        bar = Progress(
            TextColumn("Letters"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
        )
        async with _served(settings) as units, units.write() as unit:
            with bar:
                task = bar.add_task("", total=None)
                count = await indexer.rebuild(
                    unit, lambda done, total: bar.update(task, completed=done, total=total)
                )
            unit.record("library.rebuilt", actor=None, documents=count)
            await unit.commit()
        typer.echo(f"The library is rebuilt. Documents: {count}")

    _run(work())


@deid.command("check")
def deid_check(
    *,
    stats: Annotated[bool, typer.Option(help="Print times and memory on standard error.")] = False,
) -> None:
    """Check texts for identifiers: JSON lines {"id", "text", "lang"?} in, findings out."""
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    counted = lines.Stats()
    for line in lines.check(sys.stdin, counted, time.perf_counter, SystemClock().now().date()):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if stats:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stderr.write(json.dumps(counted.summary() | {"memory_mb": memory}) + "\n")
    if counted.bad:
        raise typer.Exit(1)
