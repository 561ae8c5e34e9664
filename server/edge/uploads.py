"""Files on their way in: read piece by piece, counted while they come, never written by the edge.

`client_max_size` does not bound a streamed body, so this does (security.md 41, 42). The small fields
of the form must stand before the file: the forgery token is checked before a byte of the file is
read, and a file that nobody may send is not read at all.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from server.edge.forms import BadRequest
from server.kit.errors import TooLarge

CONTENT_TYPE = "multipart/form-data"
FILE_FIELD = "file"
LONGEST_FIELD = 1024
MOST_FIELDS = 12
_AROUND = 16 * 1024
"""Bytes of a form around its file: boundaries, headers, small fields."""
_CHUNK = 64 * 1024

BROKEN = (ValueError, LookupError, AssertionError, HttpProcessingError)
"""What aiohttp raises for a body that is not what its type says."""

Patience = Callable[[web.Request], AbstractAsyncContextManager[None]]


class Upload:
    """A form with one file: its fields have been read, its file has not."""

    def __init__(
        self,
        request: web.Request,
        reader: MultipartReader,
        most: int,
        patience: Patience,
    ) -> None:
        self.fields: dict[str, str] = {}
        self.name = ""
        """The file's name as the browser said it: text somebody typed, not to be trusted."""
        self._request = request
        self._reader = reader
        self._most = most
        self._patience = patience
        self._part: BodyPartReader | None = None

    async def begin(self) -> None:
        """Read the fields before the file; raises BadRequest for anything else."""
        while (part := await self._next()) is not None:
            if part.name == FILE_FIELD:
                self.name = part.filename or ""
                self._part = part
                return
            name = part.name or ""
            if part.filename is not None or name in self.fields or len(name) > 60:
                raise BadRequest
            if len(self.fields) >= MOST_FIELDS:
                raise BadRequest
            self.fields[name] = _text(await self._content(part, LONGEST_FIELD))

    async def read(self) -> bytes:
        """Return the file; raises TooLarge while it comes, BadRequest for more behind it."""
        if self._part is None:
            return b""
        async with self._patience(self._request):
            data = await self._content(self._part, self._most)
            if await self._next() is not None:
                raise BadRequest
        return data

    async def drain(self) -> None:
        """Read away the rest of a file that is not taken, so that its sender can read why."""
        if self._part is None:
            return
        left = self._most
        with suppress(*BROKEN):
            async with self._patience(self._request):
                while left > 0 and (chunk := await self._part.read_chunk(_CHUNK)):
                    left -= len(chunk)

    async def _next(self) -> BodyPartReader | None:
        try:
            part = await self._reader.next()
        except BROKEN as error:
            raise BadRequest from error
        if part is not None and not isinstance(part, BodyPartReader):
            raise BadRequest
        if part is not None and (
            "Content-Encoding" in part.headers or "Content-Transfer-Encoding" in part.headers
        ):
            raise web.HTTPUnsupportedMediaType
        return part

    async def _content(self, part: BodyPartReader, most: int) -> bytes:
        """Return a part's bytes as they came, undecoded."""
        found = bytearray()
        try:
            while chunk := await part.read_chunk(_CHUNK):
                if len(found) + len(chunk) > most:
                    raise TooLarge
                found += chunk
        except BROKEN as error:
            raise BadRequest from error
        return bytes(found)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest from error
    if "\x00" in text:
        raise BadRequest
    return text


UPLOAD = web.RequestKey("upload", Upload)


async def begin(request: web.Request, most: int, patience: Patience) -> None:
    """Read the head of an upload of at most `most` bytes, for the middleware and the handler."""
    length = request.content_length
    if length is not None and length > most + _AROUND:
        raise TooLarge
    try:
        reader = await request.multipart()
    except BROKEN as error:
        raise BadRequest from error
    upload = Upload(request, reader, most, patience)
    async with patience(request):
        await upload.begin()
    request[UPLOAD] = upload
