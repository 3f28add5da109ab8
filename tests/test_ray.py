"""Workers on Ray answer as one process does."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from evaluator.engines.toy import make_toy_llama
from tests import raying
from tests.conftest import REPOSITORY
from tests.ray_workers import order
from tests.raying import TOY, Answers, Ask, read_answers, read_record, same

cluster, small_chunks, on_ray, alone = (  # the fixtures
    raying.cluster, raying.small_chunks, raying.on_ray, raying.alone
)  # fmt: skip
LOCAL = """
from pathlib import Path
import psutil
from evaluator import cluster_options

def listening():
    mine = psutil.Process()
    return {
        connection.laddr.ip
        for process in (mine, *mine.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }

cluster_options.set_up(cluster_options.Cluster())
import ray
from evaluator import cluster
cluster.connect(None)
ray.get(ray.remote(lambda: 1).remote())
print(*sorted(listening()))
folder = Path(ray._private.worker._global_node.get_temp_dir_path()).parent
print(oct(folder.stat().st_mode & 0o777), folder)
"""


def test_a_worker_that_is_killed_is_replaced_and_the_answers_are_those_of_one_process(
    on_ray: Ask, alone: Callable[..., Answers], data_folder: Path
) -> None:
    order(data_folder / "models", "die")
    code, output, said = on_ray()
    assert code == 0, said
    assert "A worker ended, and another takes its place" in output + said
    found = read_answers()
    assert same(found, alone())
    assert len(found[1]) == 3
    run = read_record()
    assert dict(run.hardware).items() >= {
        ("engine", "ray"),
        ("workers", "2"),
        ("machines", "1"),
        ("replaced workers", "1"),
        ("device", "cpu"),
        ("threads", "1"),
    }
    assert run.versions["ray"] == "2.60.0"
    assert run.plan.model.architecture == "LlamaForCausalLM"
    assert run.seconds is not None
    assert run.seconds > 0


def break_weights(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1000])


def spoil_weights(file: Path) -> None:
    weights = {name: torch.full_like(weight, torch.nan) for name, weight in load_file(file).items()}
    save_file(weights, file, {"format": "pt"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "code"), [(break_weights, "broken-weights"), (spoil_weights, "nan-logits")]
)
def test_what_is_wrong_with_a_model_is_said_as_without_ray(
    on_ray: Ask, evaluate_here: Ask, tmp_path: Path, spoil: Callable[[Path], None], code: str
) -> None:
    folder = make_toy_llama(tmp_path / "spoiled", 3)
    spoil(folder / "model.safetensors")
    there = on_ray("--model", str(folder))
    here = evaluate_here(*TOY, "--model", str(folder))
    assert there[0] == here[0] == 1
    last = there[2].splitlines()[-1]
    assert last.startswith(f"Error ({code}): ")
    assert last == here[2].splitlines()[-1]


def test_ray_is_started_for_this_machine_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOCAL], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    listening, private = done.stdout.splitlines()
    places = listening.split()
    assert places
    assert [place for place in places if not re.fullmatch(r"(::ffff:)?127\.0\.0\.1", place)] == []
    mode, folder = private.split()
    assert mode == "0o700"
    assert not Path(folder).exists()


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["rotate-0shot", "generate-0shot-m8", "generate-cot-0shot-m8"])
def test_other_protocols_are_answered_as_by_one_process(
    on_ray: Ask, alone: Callable[..., Answers], protocol: str
) -> None:
    code, _, said = on_ray("--protocol", protocol)
    assert code == 0, said
    assert same(read_answers(), alone("--protocol", protocol))
