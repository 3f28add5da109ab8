"""The least that Gradio can do: one table, on the port and with the rows that are named.

`python -m tests.benchmarks.bare_gradio 7860 1000` runs where Gradio is: in a venv of its own.
"""

import sys

import gradio

from tests.benchmarks.bare_rows import made_rows


def main(port: int, count: int) -> None:
    rows = made_rows(count)
    with gradio.Blocks() as app:
        gradio.Dataframe(
            value=[list(row) for row in zip(*rows.values(), strict=True)],
            headers=list(rows),
            max_height=1440,
        )
    app.launch(server_port=port, quiet=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
