"""A reader without a browser, who speaks Streamlit's own protocol over its websocket.

It does what the page's JavaScript does between a click and the new page: it sends the widgets'
states and the address, takes what comes back, and keeps what it may have to send next time.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

VALUES = {
    "selectbox": "string_value",
    "text_input": "string_value",
    "dataframe": "string_value",
    "pagination": "int_value",
    "button": "trigger_value",
    "multiselect": "string_array_value",
    "button_group": "string_array_value",
    "slider": "string_array_value",
}
"""From each kind of element that a reader changes to the field that its state is sent in."""
SAID = ("markdown", "text", "heading", "alert")
LONGEST = 60.0  # seconds until an answer is given up
MOST_AGE = 2  # runs for which the browser keeps a large message, as Streamlit's server tells it
Query = Mapping[str, str | Sequence[str]]
Value = str | int | Sequence[str]


class ScriptFailed(Exception):
    """The page shows an error instead of what was asked for."""


class UnknownWidget(LookupError):
    """The page has no widget with this key."""


class Answer(NamedTuple):
    """What one interaction took."""

    seconds: float
    size: int
    """Bytes of all messages, as they are before any compression."""


class Widget(NamedTuple):
    """Where the state of a widget on the page is to be sent."""

    widget_id: str
    kind: str
    parameter: str
    """The query parameter that it is bound to; empty where there is none."""
    fragment: str
    """The part of the script that runs anew with it; empty for all of it."""


class Reader:
    """One reader's open page; what it knows is what the server has told it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.script = ""
        self.pages: dict[str, str] = {}
        self.address: dict[str, list[str]] = {}
        self.widgets: dict[str, Widget] = {}
        self.states: dict[str, WidgetState] = {}
        self.texts: list[str] = []
        self.kept: dict[str, tuple[ForwardMsg, int]] = {}
        self.runs = 0

    async def visit(self, page: str, query: Query | None = None) -> Answer:
        """Open a page by its path, such as `errors`; the first page has none."""
        self.states.clear()
        self.address = {name: several(value) for name, value in (query or {}).items()}
        if self.pages:
            return await self.ask(ClientState(page_script_hash=self.pages[page]))
        return await self.ask(ClientState(page_name=page))

    async def choose(self, key: str, value: Value) -> Answer:
        """Change the widget that the page's script calls `key`."""
        widget = self.find(key)
        state = WidgetState(id=widget.widget_id)
        field = VALUES[widget.kind]
        if field == "string_array_value":
            state.string_array_value.data.extend(several(value))
        else:
            setattr(state, field, value)
        if widget.parameter:
            self.address[widget.parameter] = several(value)
        asked = ClientState(page_script_hash=self.script, fragment_id=widget.fragment)
        kept = [known for name, known in self.states.items() if name != key]
        asked.widget_states.widgets.extend([*kept, state])
        if field != "trigger_value":
            self.states[key] = state
        return await self.ask(asked)

    async def click(self, key: str, row: int, column: str) -> Answer:
        """Click a cell of the table that the page's script calls `key`."""
        selection = {"rows": [], "columns": [], "cells": [[row, column]]}
        return await self.choose(key, json.dumps({"selection": selection}))

    def find(self, key: str) -> Widget:
        if key not in self.widgets:
            raise UnknownWidget(f"No widget {key} on this page; there are {sorted(self.widgets)}.")
        return self.widgets[key]

    async def ask(self, asked: ClientState) -> Answer:
        """Send what is asked for, and wait until the script has run to its end."""
        asked.query_string = urlencode(self.address, doseq=True)
        asked.cached_message_hashes.extend(self.kept)
        size = 0
        begun = time.perf_counter()
        async with asyncio.timeout(LONGEST):
            await self.socket.send(BackMsg(rerun_script=asked).SerializeToString())
            while True:
                data = await self.socket.recv(decode=False)
                size += len(data)
                if self.take(ForwardMsg.FromString(data)):
                    break
        answer = Answer(time.perf_counter() - begun, size)
        self.runs += 1
        self.states = {name: kept for name, kept in self.states.items() if name in self.widgets}
        self.kept = {
            name: (message, run)
            for name, (message, run) in self.kept.items()
            if self.runs - run <= MOST_AGE
        }
        return answer

    def take(self, message: ForwardMsg) -> bool:
        """Keep what a message says; True where with it the run has ended."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message = self.kept[message.ref_hash][0]
            kind = "delta"
        if message.metadata.cacheable:
            self.kept[message.hash] = message, self.runs
        if kind == "new_session":
            self.script = message.new_session.page_script_hash
            if not message.metadata.run.fragment_ids:
                self.widgets.clear()
                self.texts.clear()
        elif kind == "navigation":
            self.pages = {
                page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
            }
        elif kind == "page_info_changed":
            self.address = parse_qs(message.page_info_changed.query_string)
        elif kind == "delta" and message.delta.HasField("new_element"):
            self.see(message.delta.new_element, message.delta.fragment_id)
        return kind == "script_finished" and is_end(message)

    def see(self, element: Element, fragment: str) -> None:
        """Keep an element's text or widget."""
        kind = element.WhichOneof("type")
        if kind is None:
            return
        shown = getattr(element, kind)
        if kind == "exception":
            raise ScriptFailed(f"{shown.type}: {shown.message}")
        if kind in SAID:
            self.texts.append(shown.body)
        elif kind in VALUES and shown.id:
            key = shown.id.split("-", 2)[-1]
            parameter = getattr(shown, "query_param_key", "")
            self.widgets[key] = Widget(shown.id, kind, parameter, fragment)


def several(value: Value) -> list[str]:
    return [str(value)] if isinstance(value, (str, int)) else list(value)


def is_end(message: ForwardMsg) -> bool:
    """Whether nothing more comes; a script that ended early for another run goes on."""
    status = message.script_finished
    if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
        raise ScriptFailed("The script does not compile.")
    return status != ForwardMsg.FINISHED_EARLY_FOR_RERUN


@asynccontextmanager
async def open_reader(address: str) -> AsyncIterator[Reader]:
    """Connect to the dashboard at `address`, `http://localhost:8501`; nothing is asked for yet."""
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(
        stream,
        max_size=None,
        max_queue=None,
        open_timeout=LONGEST,
        ping_interval=None,  # a browser sends no pings either
    ) as socket:
        yield Reader(socket)
