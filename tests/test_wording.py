"""Are lanes told in words?"""

import pytest

from dashboard.wording import describe_lane

LIKELIEST = "; the choice that the model finds likeliest is its answer."


@pytest.mark.parametrize(
    ("lane", "told"),
    [
        ("loglikelihood-0shot", f"Asked here, without examples{LIKELIEST}"),
        ("loglikelihood-5shot", f"Asked here, after 5 worked examples{LIKELIEST}"),
        (
            "loglikelihood-5shot-chat-sys1a2b3c",
            "Asked here, after 5 worked examples, through the model's chat template, with a system "
            f"prompt{LIKELIEST}",
        ),
        (
            "rotate-0shot",
            f"Asked here, without examples, with each choice in each place in turn{LIKELIEST}",
        ),
        (
            "generate-cot-5shot-t0.7x3-seed7-m512",
            "Asked here, after 5 worked examples, 3 times with the same words, each word "
            "drawn at temperature 0.7, with seed 7, in at most 512 tokens; the model reasons in "
            "writing before it answers.",
        ),
        ("generate-0shot", "Asked here, without examples; the model writes its answer."),
        (
            "generate-0shot-t1x1",
            "Asked here, without examples, each word drawn at temperature 1; the model writes its "
            "answer.",
        ),
        ("other-x", "Answers that others collected with prompts of their own."),
        ("unheard-of", ""),
    ],
)
def test_a_lane_is_told_in_a_sentence(lane: str, told: str) -> None:
    assert describe_lane(lane) == told
