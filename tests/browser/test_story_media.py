"""Pictures and voices when the way to them is rough: joins one after the other, a lost message."""

import pytest
from playwright.async_api import WebSocketRoute

from tests.browser.conftest import Complaints
from tests.browser.room import FACES, at_the_door, go_in, go_in_again, hears, sees
from tests.harness.app import Server

pytestmark = pytest.mark.browser


async def test_what_the_room_did_not_hear_is_said_again(
    server: Server, complaints: Complaints
) -> None:
    lost: list[str | bytes] = []

    def lossy(page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if not lost and '"media:state"' in str(message):
                lost.append(message)
            else:
                server_side.send(message)

        page_side.on_message(pass_on)

    async with (
        at_the_door(server, "Imani", complaints) as imani,
        at_the_door(server, "Marisol", complaints) as marisol,
    ):
        await marisol.route_web_socket("**/socket.io/**", lossy)
        await marisol.reload()
        await go_in(imani)
        await go_in(marisol)
        # Nobody shows a picture they were not told of.
        await sees(imani, "Marisol")
        assert len(lost) == 1
        assert '"camera":true' in str(lost[0])

        # Whoever comes back sees and is seen, and so do those who stayed.
        for page, name, other in ((marisol, "Marisol", imani), (imani, "Imani", marisol)):
            await page.reload()
            await go_in_again(page)
            await sees(other, name)
            await sees(page, "Marisol" if name == "Imani" else "Imani")
        await hears(imani, FACES["Marisol"])
        await hears(marisol, FACES["Imani"])
