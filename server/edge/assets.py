"""Static files under fingerprinted addresses, compressed once, and the import map they need."""

import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import brotli
from aiohttp import web
from markupsafe import Markup

from server.edge import modules
from server.edge.guard import public
from server.edge.routing import Routes
from server.kit.errors import NotFound

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")

_SERVED = {".js", ".css", ".svg", ".json", ".png", ".ico", ".webmanifest", ".txt", ".wasm"}
_COMPRESSED = {".js", ".css", ".svg", ".json", ".webmanifest", ".txt"}
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class Asset:
    """One file as it is served."""

    path: str
    body: bytes
    content_type: str
    fingerprint: str
    brotli: bytes | None = None
    gzip: bytes | None = None


def _listed(file: Path) -> list[str]:
    """Return the lines of a list of files, without its comments."""
    lines = (line.strip() for line in file.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _squeeze_css(text: str) -> str:
    text = _CSS_SPACE.sub(" ", _CSS_COMMENT.sub("", text))
    return re.sub(r"\s*([{};,])\s*", r"\1", text).strip()


class Assets:
    """All static files, read once at start; nothing outside the folder can be reached.

    `extra` adds texts by path, `packed` files that come compressed with Brotli.
    """

    def __init__(
        self,
        root: Path,
        extra: dict[str, str] | None = None,
        packed: dict[str, bytes] | None = None,
    ) -> None:
        self._assets: dict[str, Asset] = {}
        self._joined: dict[str, str] = {}
        for file in sorted(root.rglob("*")):
            relative = file.relative_to(root).as_posix()
            if file.is_file() and not file.is_symlink() and file.suffix in _SERVED:
                self._add(relative, file.read_bytes())
        for bundle in sorted(root.rglob("*.bundle")):
            parts = [(bundle.parent / line).read_text("utf-8") for line in _listed(bundle)]
            name = bundle.with_suffix(".css").relative_to(root).as_posix()
            self._add(name, _squeeze_css("\n".join(parts)).encode())
        for path, text in (extra or {}).items():
            self._add(path, text.encode())
        for path, body in (packed or {}).items():
            self._add(path, bytes(brotli.decompress(body)))
            self._assets[path].brotli = body
        self._joined = self._join(
            {
                file.with_suffix(".js").relative_to(root).as_posix(): _listed(file)
                for file in sorted(root.rglob("*.modules"))
            }
        )
        scripts = [path for path in [*self._assets, *self._joined] if path.endswith(".js")]
        imports = {path: self.url(path) for path in sorted(scripts)}
        self.import_map = Markup(  # noqa: S704 -- our own file names and hashes, no user input
            json.dumps({"imports": imports}, separators=(",", ":"))
        )

    def _join(self, lists: dict[str, list[str]]) -> dict[str, str]:
        """Put joined modules in the place of their members; return where each member went."""
        scripts = {path for path in self._assets if path.endswith(".js")}
        others = frozenset(path for path in scripts if path.startswith("vendor/"))
        sources = {path: self._assets[path].body.decode() for path in sorted(scripts - others)}
        for name, text in modules.join(sources, lists, others).items():
            self._add(name, text.encode())
        homes = {member: name for name, members in lists.items() for member in members}
        for member in homes:
            del self._assets[member]
        return homes

    def _add(self, path: str, body: bytes) -> None:
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        if kind.startswith("text/") or kind == "image/svg+xml":
            kind += "; charset=utf-8"
        self._assets[path] = Asset(path, body, kind, hashlib.sha256(body).hexdigest()[:10])

    def url(self, path: str) -> str:
        """Return the address of a static file, of a joined module that of the file it is in.

        An unknown one is a programming error.
        """
        path = self._joined.get(path, path)
        return f"/static/{self._assets[path].fingerprint}/{path}"

    def inline(self, path: str) -> str:
        """Return a small file as a `data:` address: it costs no request."""
        asset = self._assets[path]
        kind, _, _ = asset.content_type.partition(";")
        return f"data:{kind},{quote(asset.body, safe='/:=')}"

    def has(self, path: str) -> bool:
        """Say whether there is such a file."""
        return path in self._assets

    def find(self, path: str) -> Asset | None:
        """Return the file at `path`, if there is one."""
        return self._assets.get(path)

    @staticmethod
    def encoded(asset: Asset, accept: str) -> tuple[bytes, str | None]:
        """Return the body in the best encoding the browser takes; compressed once, kept."""
        if Path(asset.path).suffix not in _COMPRESSED or len(asset.body) < 256:
            return asset.body, None
        if "br" in accept:
            if asset.brotli is None:
                asset.brotli = bytes(brotli.compress(asset.body, quality=9))  # type: ignore[no-untyped-call]
            return asset.brotli, "br"
        if "gzip" in accept:
            if asset.gzip is None:
                asset.gzip = gzip.compress(asset.body, 9, mtime=0)
            return asset.gzip, "gzip"
        return asset.body, None


ASSETS = web.AppKey("assets", Assets)


async def serve(request: web.Request) -> web.Response:
    """Serve one static file; its address changes with its content, so it never expires."""
    assets = request.app[ASSETS]
    asset = assets.find(request.match_info["path"])
    if asset is None:
        raise NotFound
    body, encoding = assets.encoded(asset, request.headers.get("Accept-Encoding", ""))
    current = asset.fingerprint == request.match_info["fingerprint"]
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        "Content-Type": asset.content_type,
        "Vary": "Accept-Encoding",
    }
    if encoding:
        headers["Content-Encoding"] = encoding
    return web.Response(body=body, headers=headers)


async def favicon(request: web.Request) -> web.Response:
    """Serve the icon browsers ask for without being told."""
    asset = request.app[ASSETS].find("icons/favicon.svg")
    if asset is None:
        raise NotFound
    return web.Response(
        body=asset.body,
        headers={"Content-Type": asset.content_type, "Cache-Control": "public, max-age=86400"},
    )


routes = Routes()
routes.get(
    "/static/{fingerprint:[0-9a-f]{10}}/{path:[A-Za-z0-9_./-]+}",
    serve,
    public("code and pictures of the site itself"),
)
routes.get("/favicon.ico", favicon, public("the site's own icon"))
