"""Options that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click

from evaluator import models
from evaluator.protocols import Protocol, parse_protocol
from evaluator.records import Weights

ZERO_SHOT = "loglikelihood-0shot"

model_option = click.option(
    "--model",
    required=True,
    help=f"A Hub id, a local folder, or one of {', '.join(models.EMBEDDED)}.",
)
revision_option = click.option(
    "--revision", help="A branch, tag or commit of the Hub; for an embedded model a seed."
)
weights_option = click.option(
    "--weights",
    type=click.Choice(get_args(Weights)),
    default="original",
    show_default=True,
    help="What it is: a whole model, an adapter (LoRA), or differences to another model.",
)
base_option = click.option(
    "--base",
    help="The model that an adapter or a delta is added to; an adapter may name it itself.",
)
base_revision_option = click.option(
    "--base-revision", help="The base's branch, tag or commit; the newest unless it is named."
)
protocol_option = click.option(
    "--protocol",
    default=ZERO_SHOT,
    show_default=True,
    help=(
        "loglikelihood-<k>shot or rotate-<k>shot, with -chat behind it through the model's chat "
        "template; generate-<k>shot or generate-cot-<k>shot, with -t0.7x5, -seed7 or -m512 for "
        "five draws at temperature 0.7, their seed, and at most 512 tokens."
    ),
)
stop_option = click.option(
    "--stop",
    multiple=True,
    help="A text before which a written answer ends; its hash joins the lane.",
)
system_option = click.option(
    "--system-prompt", help="Said before all else; its hash joins the lane."
)
folder_type = click.Path(exists=True, file_okay=False, path_type=Path)
data_option = click.option(
    "--data",
    type=folder_type,
    help="A folder with the Hub's layout, <dataset>/<file>, to read the questions from.",
)


def choose_protocol(slug: str, system_prompt: str | None, stop: Sequence[str] = ()) -> Protocol:
    protocol = parse_protocol(slug, system_prompt, stop)
    if not protocol.asks:
        raise click.UsageError(f"{slug} is for imported answers; ask by {ZERO_SHOT}.")
    return protocol
