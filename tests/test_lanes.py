"""Does a protocol's slug say all that decides how a model is asked, so that lanes never mix?"""

import hashlib
import itertools

import pytest
from pydantic import ValidationError

from evaluator.errors import UnknownProtocol
from evaluator.protocols import Protocol, parse_protocol

DOCTOR = "You are a physician."
HASH = hashlib.sha256(DOCTOR.encode()).hexdigest()[:6]


def test_the_default_protocol_has_no_shots_and_is_asked_here() -> None:
    protocol = parse_protocol("loglikelihood-0shot")
    assert protocol == Protocol(slug="loglikelihood-0shot", shots=0, chat=False, system_prompt=None)
    assert protocol.asks


@pytest.mark.parametrize(
    ("slug", "shots", "chat"),
    [
        ("loglikelihood-0shot-chat", 0, True),
        ("loglikelihood-1shot", 1, False),
        ("loglikelihood-5shot-chat", 5, True),
        ("loglikelihood-99shot", 99, False),
    ],
)
def test_a_slug_says_how_many_shots_and_whether_it_is_a_chat(
    slug: str, shots: int, chat: bool
) -> None:
    assert parse_protocol(slug) == Protocol(slug=slug, shots=shots, chat=chat)


def test_a_system_prompt_adds_its_hash_to_the_slug() -> None:
    slug = f"loglikelihood-5shot-chat-sys{HASH}"
    protocol = parse_protocol("loglikelihood-5shot-chat", DOCTOR)
    assert protocol == Protocol(slug=slug, shots=5, chat=True, system_prompt=DOCTOR)
    assert parse_protocol(slug, DOCTOR) == protocol


@pytest.mark.parametrize(
    ("system_prompt", "said"),
    [
        (None, "which is not given."),
        ("You are a nurse.", "which is another."),
        (DOCTOR + " ", "which is another."),
    ],
)
def test_a_slug_with_the_hash_of_another_system_prompt_is_refused(
    system_prompt: str | None, said: str
) -> None:
    slug = f"loglikelihood-0shot-sys{HASH}"
    with pytest.raises(UnknownProtocol) as refused:
        parse_protocol(slug, system_prompt)
    assert str(refused.value) == (
        f"{slug} is no protocol: it has the hash of other texts than --system-prompt, {said}"
    )


def test_two_protocols_never_share_a_slug() -> None:
    prompts = (None, DOCTOR, DOCTOR + " ", "You are a nurse.")
    ways = list(itertools.product(range(100), ("", "-chat"), prompts))
    protocols = {parse_protocol(f"loglikelihood-{k}shot{chat}", said) for k, chat, said in ways}
    assert len(protocols) == len({protocol.slug for protocol in protocols}) == len(ways)


@pytest.mark.parametrize(
    "record",
    [
        {"slug": "loglikelihood-0shot", "shots": 5},
        {"slug": "loglikelihood-5shot", "shots": 0},
        {"slug": "loglikelihood-0shot", "shots": None},
        {"slug": "loglikelihood-0shot", "shots": 0, "chat": True},
        {"slug": "loglikelihood-0shot-chat", "shots": 0, "chat": False},
        {"slug": "loglikelihood-0shot", "shots": 0, "system_prompt": DOCTOR},
        {"slug": f"loglikelihood-0shot-sys{HASH}", "shots": 0},
        {"slug": f"loglikelihood-0shot-sys{HASH}", "shots": 0, "system_prompt": DOCTOR + "!"},
        {"slug": "other-x", "shots": 0},
        {"slug": "other-" + "x" * 75, "shots": None},
    ],
)
def test_a_record_whose_slug_says_otherwise_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="slug"):
        Protocol.model_validate(record)


def test_a_record_from_before_chats_and_system_prompts_still_reads() -> None:
    asked = Protocol.model_validate_json('{"slug": "loglikelihood-0shot", "shots": 0}')
    assert asked == parse_protocol("loglikelihood-0shot")
    imported = Protocol.model_validate_json('{"slug": "other-mirage-cot", "shots": null}')
    assert imported == parse_protocol("other-mirage-cot")


@pytest.mark.parametrize("slug", ["other-mirage-cot", "other-medagents-zero-shot", "other-v1.2"])
def test_imported_answers_have_a_lane_that_is_not_asked_here(slug: str) -> None:
    protocol = parse_protocol(slug)
    assert protocol == Protocol(slug=slug, shots=None)
    assert not protocol.asks


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "loglikelihood",
        "loglikelihood-0shot ",
        "loglikelihood-0shot\n",
        "Loglikelihood-0shot",
        "loglikelihood-shot",
        "loglikelihood-05shot",
        "loglikelihood-100shot",
        "loglikelihood--1shot",
        "loglikelihood-٣shot",
        "loglikelihood-0shot-Chat",
        "loglikelihood-0shot-chat-chat",
        "loglikelihood-0shot-sys12345",
        "loglikelihood-0shot-sysABCDEF",
        "loglikelihood-0shot-sys123456-chat",
        "reported-loglikelihood-0shot",
        "other-",
        "other--x",
        "other-GPT",
        "other-x y",
        "other-../x",
        "other-x\n",
        "other-" + "x" * 75,
    ],
    ids=ascii,
)
def test_an_unknown_protocol_is_refused_by_its_name(slug: str) -> None:
    with pytest.raises(UnknownProtocol) as refused:
        parse_protocol(slug)
    assert str(refused.value) == (
        f"No protocol is named {slug!r}. Models are asked by loglikelihood-<k>shot or "
        "rotate-<k>shot (with -chat behind it through their chat template), generate-<k>shot, or "
        "generate-cot-<k>shot (with -t0.7x5 behind it for five answers drawn at temperature 0.7, "
        "-seed7, or -m512 for at most 512 tokens); answers that others collected are imported as "
        "other-<source>, in lower case."
    )
