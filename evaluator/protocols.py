"""How a model is asked: protocols, whose slugs are the lanes.

A slug says all that differs from the defaults, save the words of a system prompt and of stop
strings, of which it has the hash: `generate-cot-0shot-t0.7x5`.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluator.errors import UnknownProtocol

Method = Literal["loglikelihood", "rotate", "generate", "generate-cot"]
"""Score each choice; that under every cyclic order of the choices; have the model write its
answer; have it reason before."""
METHODS: tuple[Method, ...] = get_args(Method)
WRITTEN = ("generate", "generate-cot")
"""The methods by which a model answers in words."""
METHOD = re.compile(rf"({'|'.join(sorted(METHODS, key=len, reverse=True))})-(0|[1-9][0-9]?)shot")
ASKED = re.compile(
    rf"{METHOD.pattern}(?P<chat>-chat)?(?P<system>-sys[0-9a-f]{{6}})?"
    r"(?:-t(?P<temperature>[0-9.]+)x(?P<repeats>[0-9]+))?(?:-seed(?P<seed>[0-9]+))?"
    r"(?:-m(?P<most>[0-9]+))?(?P<stop>-stop[0-9a-f]{6})?"
)
IMPORTED = r"other-[a-z0-9][a-z0-9.-]*"
SLUG_LENGTH = 80


class Decoding(BaseModel):
    """How a model writes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(default=0, ge=0, le=2)
    """Its log-probabilities are divided by this before a token is drawn; at 0 the likeliest is
    taken."""
    repeats: int = Field(default=1, ge=1, le=100)
    """How often each question is asked."""
    seed: int = Field(default=0, ge=0, lt=2**31)
    """What the draws begin from, with the sample's id and the repeat's number."""
    most_tokens: int | None = Field(default=None, ge=1, le=2**17)
    """New tokens, at most; None for the method's own limit."""
    stop: tuple[str, ...] = Field(default=(), max_length=4)
    """Texts before which an answer ends, besides the model's own end."""

    @model_validator(mode="after")
    def check_draws(self) -> "Decoding":
        """What is never drawn comes out the same each time."""
        if self.temperature == 0 and (self.repeats > 1 or self.seed):
            raise ValueError("at temperature 0 every repeat and every seed gives the same answer")
        if self.temperature != round(self.temperature, 2):
            raise ValueError(f"the temperature {self.temperature} has more than two decimals")
        if not all(self.stop):
            raise ValueError("a stop string is empty")
        return self

    @property
    def suffix(self) -> str:
        """What of it differs from greedy answers to the method's limit, as the slug has it."""
        drawn = f"-t{self.temperature:g}x{self.repeats}" if self.temperature else ""
        seed = f"-seed{self.seed}" if self.seed else ""
        most = f"-m{self.most_tokens}" if self.most_tokens else ""
        return f"{drawn}{seed}{most}{name_texts('stop', self.stop)}"


class Protocol(BaseModel):
    """How a model was asked. Its slug is the lane: only scores of one lane compare."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    slug: str = Field(max_length=SLUG_LENGTH)
    """`loglikelihood-5shot-chat`, or `other-<source>` for imported answers whose prompt is
    another's."""
    shots: int | None
    """Worked examples before the question; None where the source does not say."""
    chat: bool = False
    """Whether scored prompts go through the model's own chat template; those that are answered in
    words do wherever it has one."""
    system_prompt: str | None = None
    """What is said before everything else; the slug ends in its hash."""
    decoding: Decoding | None = None
    """How the answer is written; None where the choices are scored."""

    @property
    def asks(self) -> bool:
        """Whether this project asks by it, rather than imports what others asked."""
        return self.shots is not None

    @property
    def method(self) -> Method | None:
        """None where others asked."""
        found = METHOD.match(self.slug)
        return found[1] if found and self.asks else None  # type: ignore[return-value]

    @model_validator(mode="after")
    def check_slug(self) -> "Protocol":
        """The slug says all the rest, so two protocols never share one."""
        if self.shots is None:
            own = not (self.chat or self.system_prompt or self.decoding)
            named = re.fullmatch(IMPORTED, self.slug) and own
            expected = "other-<source> and nothing else known"
        else:
            method = self.method or "loglikelihood"
            if (self.decoding is not None) != (method in WRITTEN):
                raise ValueError(f"{method} {'writes' if method in WRITTEN else 'does not write'}")
            if self.chat and method in WRITTEN:
                raise ValueError(f"{method} uses a chat template wherever there is one")
            expected = name_protocol(
                self.shots, self.chat, self.system_prompt, method, self.decoding
            )
            named = ASKED.fullmatch(self.slug) and self.slug == expected
        if not named:
            raise ValueError(f"the slug is {self.slug!r}, expected {expected}")
        return self


def name_protocol(
    shots: int,
    chat: bool,
    system_prompt: str | None,
    method: Method = "loglikelihood",
    decoding: Decoding | None = None,
) -> str:
    """The slug of a protocol that this project asks by."""
    chatting = "-chat" if chat else ""
    system = name_texts("sys", () if system_prompt is None else (system_prompt,))
    return f"{method}-{shots}shot{chatting}{system}{decoding.suffix if decoding else ''}"


def name_texts(kind: str, texts: Sequence[str]) -> str:
    """`-sys1a2b3c`: what kind of texts, and the hash of them; empty for none."""
    if not texts:
        return ""
    return f"-{kind}{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:6]}"


def parse_protocol(
    slug: str, system_prompt: str | None = None, stop: Sequence[str] = ()
) -> Protocol:
    """Return the protocol named `slug`; a system prompt and stop strings add their hash to it.

    Raises `UnknownProtocol` for a slug that names none, or the hash of other texts.
    """
    if asked := ASKED.fullmatch(slug):
        return parse_asked(asked, system_prompt or None, tuple(stop))
    if re.fullmatch(IMPORTED, slug) and len(slug) <= SLUG_LENGTH:
        return Protocol(slug=slug, shots=None)
    raise UnknownProtocol(
        f"No protocol is named {slug!r}. Models are asked by loglikelihood-<k>shot or "
        "rotate-<k>shot (with -chat behind it through their chat template), generate-<k>shot, or "
        "generate-cot-<k>shot (with -t0.7x5 behind it for five answers drawn at temperature 0.7, "
        "-seed7, or -m512 for at most 512 tokens); answers that others collected are imported as "
        "other-<source>, in lower case."
    )


def parse_asked(asked: re.Match[str], system_prompt: str | None, stop: tuple[str, ...]) -> Protocol:
    method: Method = asked[1]  # type: ignore[assignment]
    shots, chat, decoding = int(asked[2]), bool(asked["chat"]), None
    try:
        if method in WRITTEN:
            decoding = Decoding(
                temperature=asked["temperature"] or 0,
                repeats=asked["repeats"] or 1,
                seed=asked["seed"] or 0,
                most_tokens=asked["most"],
                stop=stop,
            )
        elif stop or asked["repeats"] or asked["seed"] or asked["most"]:
            raise ValueError("it scores choices, and nothing is drawn, stopped or limited")
        own = name_protocol(shots, chat, system_prompt, method, decoding)
        for part, texts, option in (
            ("system", system_prompt, "--system-prompt"),
            ("stop", stop, "--stop"),
        ):
            if asked[part] and asked[part] not in own:
                raise ValueError(
                    f"it has the hash of other texts than {option}, which is "
                    f"{'another' if texts else 'not given'}"
                )
        protocol = Protocol(
            slug=own, shots=shots, chat=chat, system_prompt=system_prompt, decoding=decoding
        )
        plain = re.sub(r"-(?:sys|stop)[0-9a-f]{6}", "", own)
        if re.sub(r"-(?:sys|stop)[0-9a-f]{6}", "", asked[0]) != plain:
            raise ValueError(f"its usual form is {plain}")
    except ValueError as error:
        raise UnknownProtocol(f"{asked[0]} is no protocol: {first_fault(error)}.") from None
    return protocol


def first_fault(error: ValueError) -> str:
    """What pydantic or we found, without pydantic's frame."""
    errors = getattr(error, "errors", None)
    return str(errors()[0]["msg"]).removeprefix("Value error, ") if errors else str(error)


ZERO_SHOT = parse_protocol("loglikelihood-0shot")
