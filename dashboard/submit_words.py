"""What the Submit page explains, in Markdown of our own; no Streamlit here."""

from dashboard import times

INTRODUCTION = (
    "Have a model answer the questions. It is checked within seconds, waits for its turn, is asked "
    "every question, and everything that it answered is published here."
)
NEEDS = """
- It is **public** on the Hub, and not gated.
- Its weights are **safetensors**. Other formats can run code when they are opened, so they never
  are.
- `AutoConfig`, `AutoTokenizer` and `AutoModelForCausalLM` load it, and **no code of its own**
  repository is needed.
- It names a **licence**, and its README is a **model card** that says what it was trained on.

Whatever is missing, the check names all of it at once, with what to do. Nothing is lost by trying.
"""
TRY_LOADING = """from transformers import AutoConfig
from transformers import AutoModelForCausalLM
from transformers import AutoTokenizer

name = {model!r}
AutoConfig.from_pretrained(name)
AutoTokenizer.from_pretrained(name)
AutoModelForCausalLM.from_pretrained(
    name, use_safetensors=True
)"""
TRY_CHECKING = "python -m evaluator check {model}"
EXAMPLE = "Qwen/Qwen3-0.6B"
TRY_LOADING_SAYS = (
    "transformers alone tells whether it loads. None of these may ask for remote code:"
)
TRY_CHECKING_SAYS = "With this project installed, one line says all that the check here would say:"
THEN = """
1. **Checked**, within seconds: accepted, or each problem with what to do about it.
2. **Queued.** Submitters take turns, so a long list of one keeps nobody else waiting.
3. **Asked**: minutes for a small model on a GPU, hours on a CPU. Its page says how far it is, and
   how long it still takes.
4. **Published**, with every answer to read.

Its page shows all of this as it happens, and why, should it fail.
"""
READ_ONLY = (
    "Models cannot be submitted by this site: nobody can sign in to it. Whoever runs it submits on "
    "its machine:"
)
COMMAND = "python -m evaluator submit {model}"
SIGN_IN = "Sign in to submit a model. Reading needs no account."
CURIOUS = "Only curious? The toy model goes all the way in a few minutes."
PRIVATE = "Only maintainers read this: how to reach you, or what they should know."
REVISION = "A branch, tag or commit; empty for the newest. Of a model that is built in: its seed."
PRECISION = "Number format of the weights while it answers: the one it was trained in, if in doubt."
BASE = "The model that the adapter or delta is added to, as the Hub names it."
WEIGHTS = (
    "Original: the repository holds a whole model. Adapter: it holds LoRA weights or the like, to "
    "be added to a base model. Delta: it holds differences to a base model."
)
TUNING = "As you see it. Nothing depends on it."
MODEL = "Its name on the Hub, or the address of its page there."
STRANGERS = "The address asks for what is not offered here. See what is chosen instead."
MEND = "Not sent yet: see what is marked in red."
NOT_SENT = "It was not submitted. What you typed is still here."
LEDGER_FAILED = "The ledger did not take it."
BARRED = "The same cannot be asked twice: name another revision, precision, protocol or tasks."
MOVED = (
    "It was submitted before. Submit it again only if the repository has changed since: else the "
    "check turns it away."
)
LEDGER_AWAY = "The ledger does not answer, so nothing can be submitted now."


def foresee(waiting: int, seconds: float | None) -> str:
    """How many wait, and how long the last ones with the same questions took."""
    queue = f"{waiting:,} wait{'s' if waiting == 1 else ''} now." if waiting else "Nothing waits."
    if seconds is None:
        return queue
    took = times.duration(seconds)
    return f"{queue} The last ones with these questions took {took} until they were published."
