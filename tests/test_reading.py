"""Text that is made easy to read keeps every word, and marks stay where they belong."""

import json
from itertools import pairwise

import pytest

from dashboard import reading
from dashboard.marked_text import Span, as_html, as_inline
from tests.conftest import TEST_DATA

HOSTILE = "<script>alert('x')</script> & <b onclick=\"1\">"


def marked(response: str, words: str) -> list[str]:
    """What is marked of each passage when `words` are, as they stand in the response."""
    start = response.index(words)
    spans = [Span(start, start + len(words), "flag")]
    passages = reading.read_response(response)
    return [
        passage.text[span.start : span.end]
        for passage in passages
        for span in reading.place_spans(passage, spans)
    ]


@pytest.mark.parametrize("mark", ["flag", "evidence", "value"])
def test_each_piece_is_escaped_wherever_the_marks_are(mark: str) -> None:
    for start in range(len(HOSTILE)):
        html = as_inline(HOSTILE, [Span(start, start + 9, mark)])  # type: ignore[arg-type]
        assert html.count("<") == 2 and html.count(">") == 2, "nothing but the mark is a tag"
        assert "&lt;script&gt;" in html or start < 8


def test_marks_may_overlap_and_lie_outside() -> None:
    spans = [Span(-3, 2, "flag"), Span(1, 3, "evidence"), Span(3, 99, "value"), Span(7, 4, "flag")]
    assert as_html("abcde", spans) == (
        '<div class="reading"><mark class="flag">a</mark><mark class="evidence">bc</mark>'
        '<span class="value">de</span></div>'
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A 24-year-old G2P1 at 28 weeks' gestation", ["24-year-old", "28 weeks' gestation"]),
        ("A 3 month old boy", ["3 month old"]),
        ("temperature is 38.5°C (101.3°F)", ["38.5°C (101.3°F)"]),
        ("blood pressure is 110/72 mm Hg and pulse is 105/min", ["110/72 mm Hg", "105/min"]),
        ("Leukocyte count 13,500/mm3, sodium 138 mEq/L", ["13,500/mm3", "138 mEq/L"]),
        ("Hemoglobin: 12.1 g/dL Hematocrit 36%", ["12.1 g/dL", "36%"]),
        ("TSH 0.4 µU/mL, BMI 31 kg/m2", ["0.4 µU/mL", "31 kg/m2"]),
        ("glucose 90 mg/dl, ESR 40 mm/h, MCV 70 fL", ["90 mg/dl", "40 mm/h", "70 fL"]),
        ("IL-6, CD4, 5 days, t(9;22), HLA-B27, type 2, 1.", []),
    ],
)
def test_ages_and_values_are_found_with_their_units(text: str, values: list[str]) -> None:
    assert [text[span.start : span.end] for span in reading.find_values(text)] == values


def test_words_of_a_rule_are_found_where_they_first_stand() -> None:
    assert reading.find_words("a boy, a boy", ["boy", "girl", ""]) == [Span(2, 5, "evidence")]


@pytest.mark.parametrize(
    "response", ["It is B.", '["A"]', '"A"', "{", '{"a": {"b": 1}}', '{"a": 1, "a": 2}', "{}", ""]
)
def test_what_is_no_plain_object_is_read_as_it_is(response: str) -> None:
    assert reading.read_response(response) == [("", response, range(len(response) + 1))]


def test_an_object_is_read_field_by_field() -> None:
    fields = {"think": 'It\u2019s "é"\n\U0001f9ea\\', "sure": 0.5, "pick": "B", "none": None}
    for response in (json.dumps(fields), json.dumps(fields, ensure_ascii=False, indent=2)):
        read = [(label, text) for label, text, _ in reading.read_response(response)]
        assert read == [
            ("think", fields["think"]),
            ("sure", "0.5"),
            ("pick", "B"),
            ("none", "null"),
        ]


def test_half_a_character_leaves_the_response_as_it_is() -> None:
    response = '{"a": "\\ud83e"}'
    assert reading.read_response(response)[0].text == response


def test_marks_keep_to_their_words_through_escapes() -> None:
    response = json.dumps({"think": 'He said "no" \u2014 avoid \u00e9 B', "answer": "B"})
    assert marked(response, "avoid") == ["avoid"]
    assert marked(response, '\\"no\\" \\u2014 avoid') == ['"no" — avoid']
    assert marked(response, '\\u00e9 B", "answer": "B') == ["é B", "B"], "over two fields"
    assert marked(response, '"answer"') == [], "a name of a field"
    assert marked("Plain. Avoid B.", "Avoid") == ["Avoid"]


@pytest.mark.skipif(not TEST_DATA.exists(), reason=f"no test data in {TEST_DATA}")
def test_every_real_response_keeps_its_text() -> None:
    path = TEST_DATA / "predictions" / "mirage-cot" / "gpt-35-turbo-16k" / "medqa_4options.jsonl"
    objects = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        response = json.loads(line)["response"] or ""
        for label, text, starts in reading.read_response(response):
            objects += bool(label)
            assert len(starts) == len(text) + 1
            assert all(start < after for start, after in pairwise(starts))
            if label and isinstance(whole := json.loads(response, strict=False)[label], str):
                assert text == whole
            elif not label:
                assert text == response
    assert objects > 2_000


def test_an_excerpt_holds_the_marked_words_and_says_what_is_left_out() -> None:
    text = " ".join(f"word{number}" for number in range(200))
    at = text.index("word100")
    excerpt, spans = reading.cut(text, [Span(at, at + 7, "flag")], 30)
    assert excerpt.startswith("…word") and excerpt.endswith("…") and len(excerpt) < 80
    assert [excerpt[span.start : span.end] for span in spans] == ["word100"]
    assert excerpt.strip("…") in text
    assert reading.cut("It is B.", [Span(0, 2, "flag")], 30) == ("It is B.", [Span(0, 2, "flag")])
    excerpt, spans = reading.cut(text, [], 30)
    assert (excerpt, spans) == ("word0 word1 word2 word3 word4 word5 word6 word7 word8 word9…", [])
    long, _ = reading.cut("x" * 9_000, [Span(0, 9_000, "flag")], 30)
    assert len(long) < 300, "however long the marked words are"
