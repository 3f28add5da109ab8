"""Puts a conversation through a model's own chat template, as lm-evaluation-harness 0.4.13 does."""

from collections.abc import Mapping, Sequence

import jinja2
from transformers import PreTrainedTokenizerBase

from evaluator.errors import BrokenTokenizer, NoChatTemplate

Tokenizer = PreTrainedTokenizerBase


def find_template(tokenizer: PreTrainedTokenizerBase) -> str:
    """Return the template's text, from `tokenizer_config.json` or `chat_template.jinja`."""
    try:
        return str(tokenizer.get_chat_template())
    except ValueError as error:
        raise NoChatTemplate(
            f"The tokenizer in {tokenizer.name_or_path} has no chat template, so the model cannot "
            "be asked by a chat protocol. Leave -chat out of --protocol."
        ) from error


def own_template(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """Return the template's text, or None where the tokenizer has none."""
    try:
        return find_template(tokenizer)
    except NoChatTemplate:
        return None


def render(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[dict[str, str]],
    variables: Mapping[str, object] | None = None,
) -> str:
    """Return the prompt, up to where the model begins to speak.

    A template that refuses the system's turn is given the others alone, as lm_eval does.
    `variables` are for templates that know them, such as `enable_thinking`.
    """
    for turns in (messages, [turn for turn in messages if turn["role"] != "system"]):
        try:
            return str(
                tokenizer.apply_chat_template(
                    list(turns), tokenize=False, add_generation_prompt=True, **(variables or {})
                )
            )
        except jinja2.TemplateError as error:
            refused: Exception = error
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            refused = error
            break
    raise BrokenTokenizer(
        f"The chat template of {tokenizer.name_or_path} fails: {type(refused).__name__}, {refused}"
    )


def thinks(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the model reasons in `<think>` before it answers, as far as its tokenizer tells."""
    return "<think>" in tokenizer.get_vocab() or "<think>" in (own_template(tokenizer) or "")
