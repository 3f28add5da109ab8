"""Is a conversation written as the model's own template has it?"""

import json
import shutil
from pathlib import Path

import pytest

from evaluator.engines import chat, loading
from evaluator.engines.encoding import encode
from evaluator.errors import BrokenTokenizer, NoChatTemplate
from tests.tiny import make_tokenizer

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Why?"},
]
MARKED = (
    "{{ bos_token }}{% for turn in messages %}[{{ turn.role }}]{{ turn.content }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}" + MARKED
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_tokenizer([], "<s>").save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def configure(folder: Path, template: object) -> None:
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"chat_template": template}))


def test_a_template_is_found_among_the_tokenizers_settings(folder: Path) -> None:
    configure(folder, MARKED)
    assert chat.find_template(loading.load_tokenizer(folder)) == MARKED


def test_a_template_in_a_file_of_its_own_goes_first(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(MARKED)
    assert chat.find_template(loading.load_tokenizer(folder)) == MARKED
    configure(folder, "an older one")
    assert chat.find_template(loading.load_tokenizer(folder)) == MARKED


def test_of_several_templates_the_default_one_is_meant(folder: Path) -> None:
    tools = {"name": "tool_use", "template": "for tools"}
    configure(folder, [tools, {"name": "default", "template": MARKED}])
    assert chat.find_template(loading.load_tokenizer(folder)) == MARKED
    configure(folder, [tools, {"name": "rag", "template": "for documents"}])
    with pytest.raises(NoChatTemplate):
        chat.find_template(loading.load_tokenizer(folder))


def test_a_tokenizer_without_a_template_cannot_chat(folder: Path) -> None:
    with pytest.raises(NoChatTemplate) as error:
        chat.find_template(loading.load_tokenizer(folder))
    assert str(error.value) == (
        f"The tokenizer in {folder} has no chat template, so the model cannot be asked by a chat "
        "protocol. Leave -chat out of --protocol."
    )


def test_a_conversation_ends_where_the_model_begins_to_speak(folder: Path) -> None:
    configure(folder, MARKED)
    tokenizer = loading.load_tokenizer(folder)
    assert chat.render(tokenizer, MESSAGES) == "<s>[system]Be brief.[user]Why?[assistant]"


def test_a_template_that_refuses_the_system_is_given_the_other_turns(folder: Path) -> None:
    configure(folder, NO_SYSTEM)
    tokenizer = loading.load_tokenizer(folder)
    assert chat.render(tokenizer, MESSAGES) == "<s>[user]Why?[assistant]"
    assert chat.render(tokenizer, MESSAGES[1:]) == "<s>[user]Why?[assistant]"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ raise_exception('Roles must alternate') }}", "TemplateError, Roles must alternate"),
        (
            "{% if %}",
            "TemplateSyntaxError, Expected an expression, got 'end of statement block'",
        ),
        ("{{ 1 / 0 }}", "ZeroDivisionError, division by zero"),
        ("{{ messages[5].content }}", "UndefinedError, list object has no element 5"),
    ],
)
def test_a_template_that_refuses_everything_says_why(folder: Path, template: str, why: str) -> None:
    configure(folder, template)
    with pytest.raises(BrokenTokenizer) as error:
        chat.render(loading.load_tokenizer(folder), MESSAGES)
    assert str(error.value) == f"The chat template of {folder} fails: {why}"


def test_a_template_that_begins_the_text_gets_no_second_beginning(folder: Path) -> None:
    configure(folder, MARKED)
    tokenizer = loading.load_tokenizer(folder)
    prompt = chat.render(tokenizer, MESSAGES)
    questions = [(prompt, (" A", " B")), (prompt.removeprefix("<s>"), (" A", " B"))]
    begun, bare = encode(tokenizer, 96, questions)
    assert begun == bare
    assert list(begun.context).count(tokenizer.bos_token_id) == 1
    assert begun.context[0] == tokenizer.bos_token_id


def test_a_copied_folder_keeps_its_template(folder: Path, tmp_path: Path) -> None:
    configure(folder, MARKED)
    loading.load_tokenizer(folder).save_pretrained(tmp_path / "saved")
    shutil.rmtree(folder)
    assert chat.find_template(loading.load_tokenizer(tmp_path / "saved")) == MARKED
