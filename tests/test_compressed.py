"""Compressed logs are read as what they unpack to, and never further than a log goes."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from evaluator.records import runs_folder
from evaluator.tables import read_predictions, read_quarantine
from ingest import bounded, cli, importing, runs
from ingest.bounded import read_document
from ingest.errors import UnreadableFile
from ingest.every_eval_ever import read_instances
from ingest.foreign import Wanted
from tests.test_every_eval_ever import aggregate, questions, row, write

Pack = Callable[[bytes], bytes]


def zstandard(content: bytes) -> bytes:
    packed: bytes = pa.compress(content, "zstd").to_pybytes()
    return packed


PACKERS: dict[str, Pack] = {".gz": gzip.compress, ".zst": zstandard}
each_kind = pytest.mark.parametrize(("ending", "pack"), PACKERS.items(), ids=PACKERS)


def pack_file(path: Path, ending: str, pack: Pack) -> Path:
    packed = path.with_name(path.name + ending)
    packed.write_bytes(pack(path.read_bytes()))
    path.unlink()
    return packed


@each_kind
@pytest.mark.parametrize("both", [True, False])
def test_answers_of_every_eval_ever_are_read_compressed(
    tmp_path: Path, ending: str, pack: Pack, both: bool
) -> None:
    plain = write(tmp_path / "logs", row(), row(1))
    pack_file(plain, ending, pack)
    if both:
        pack_file(plain.with_name("1234.json"), ending, pack)
    found = read_instances(tmp_path / "logs", Wanted())
    assert found.refused == ()
    (run,) = found.runs
    assert (run.model.name, run.model.revision) == ("org/m", "abc")
    made = importing.import_run(run, "test", None)
    golds = [question.gold for question in questions()[:2]]
    assert read_predictions(made, "sample")["prediction"].to_list() == golds


@each_kind
def test_a_file_in_several_parts_is_read_whole(tmp_path: Path, ending: str, pack: Pack) -> None:
    plain = write(tmp_path, row(), row(1))
    packed = pack_file(plain, ending, lambda content: pack(content[:700]) + pack(content[700:]))
    (run,) = read_instances(packed, Wanted()).runs
    assert len(list(run.logs[0].rows)) == 2


def broken(pack: Pack, content: bytes) -> dict[str, bytes]:
    packed = pack(content)
    return {
        "cut short": packed[: len(packed) // 2],
        "cut at its end": packed[:-4],
        "not compressed": content,
        "junk behind": packed + b"junk",
    }


@each_kind
@pytest.mark.parametrize("kind", broken(bytes, b""))
def test_a_damaged_file_is_refused_and_the_rest_loads(
    tmp_path: Path, ending: str, pack: Pack, kind: str
) -> None:
    write(tmp_path / "good", row())
    plain = write(tmp_path / "bad", row(1))
    packed = pack_file(plain, ending, lambda content: broken(pack, content)[kind])
    found = read_instances(tmp_path, Wanted())
    ((path, reason),) = found.refused
    assert (path, reason.startswith(f"{packed} cannot be read: ")) == (packed, True)
    assert [log.path.parent.name for run in found.runs for log in run.logs] == ["good"]


@each_kind
@pytest.mark.parametrize("filler", [b" ", b"\n", b"x"])
def test_a_bomb_is_refused_before_it_goes_off(
    tmp_path: Path, ending: str, pack: Pack, filler: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    honest = bounded.Unpacked.readinto

    def readinto(self: bounded.Unpacked, buffer: memoryview) -> int:
        nonlocal asked
        asked += len(buffer)
        return honest(self, buffer)

    monkeypatch.setattr(bounded.Unpacked, "readinto", readinto)
    plain = write(tmp_path, row())
    packed = pack_file(plain, ending, lambda content: pack(content + filler * 2**26))
    ((path, reason),) = read_instances(packed, Wanted()).refused
    expected = f"{packed} unpacks to more than 500 times its size, which no log does."
    assert (path, reason) == (packed, expected)
    limit = max(packed.stat().st_size * bounded.LARGEST_RATIO, bounded.SMALL_ARCHIVE)
    assert asked <= limit + 2 * bounded.BUFFER


@each_kind
def test_a_compressed_document_is_bounded_too(
    tmp_path: Path, ending: str, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.json{ending}"
    path.write_bytes(pack(json.dumps(aggregate()).encode()))
    assert read_document(path) == aggregate()
    monkeypatch.setattr(bounded, "LARGEST_DOCUMENT", 10)
    with pytest.raises(UnreadableFile, match="has more than 0 MB of JSON"):
        read_document(path)


def predict(folder: Path) -> Result:
    who = ("--model", "org/m", "--protocol", "other-x")
    return CliRunner().invoke(cli.main, ["predictions", str(folder), *who])


@each_kind
def test_plain_predictions_are_read_compressed(tmp_path: Path, ending: str, pack: Pack) -> None:
    answer = b'{"sample_id": "sample-001", "prediction": "B"}\n'
    (tmp_path / f"sample.jsonl{ending}").write_bytes(pack(answer))
    assert predict(tmp_path).exit_code == 0
    (made,) = runs.finished(runs_folder())
    assert read_predictions(made, "sample")["prediction"].to_list() == ["B"]


def test_what_is_named_for_a_task_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    answer = '{"sample_id": "sample-001", "prediction": "B"}\n'
    (folder / "sample.jsonl").write_text(answer)
    (folder / "medmcqa.xlsx").write_text(answer)
    (folder / "pubmedqa.jsonl").symlink_to(folder / "sample.jsonl")
    (folder / "mmlu_anatomy.csv").mkdir()
    (folder / "README.md").write_text("of ours")
    done = predict(folder)
    faults = {
        "medmcqa.xlsx": "its name ends in none of .jsonl, .jsonl.gz, .jsonl.zst, .csv, .parquet",
        "mmlu_anatomy.csv": "it is no plain file",
        "pubmedqa.jsonl": "it is no plain file",
    }
    assert done.stderr.splitlines() == [
        *(f"Not imported: {folder / name}: {fault}" for name, fault in faults.items()),
        "3 in quarantine: python -m warehouse show quarantine",
    ]
    (made,) = runs.finished(runs_folder())
    assert read_quarantine(made).select("source", "reason").rows() == list(faults.items())
