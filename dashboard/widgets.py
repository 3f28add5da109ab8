"""Pieces of the screen that several pages share."""

import re
from pathlib import Path
from typing import Literal

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from warehouse import text

PAGES = Path(__file__).with_name("app_pages")
CONFIG = {"displayModeBar": False}
PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def as_written(text: str) -> str:
    """Markdown that shows a text as it is: names may be anybody's."""
    return PUNCTUATION.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def has_page(name: str) -> bool:
    """Whether there is a page to link to."""
    return (PAGES / f"{name}.py").exists()


def show_figure(figure: go.Figure, said: str) -> None:
    """As wide as the page, or as the figure where that says so; `said` is read aloud instead."""
    width: Literal["content", "stretch"] = "content" if figure.layout.width else "stretch"
    st.plotly_chart(figure, config=CONFIG, alt=said, width=width)


def offer_csv(rows: pl.DataFrame, name: str) -> None:
    """What is shown, as a file that no spreadsheet is steered by."""
    st.download_button(
        "CSV",
        data=lambda: text.as_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv {name}",
        on_click="ignore",
        icon=":material/download:",
    )
