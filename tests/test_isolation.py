from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from memctl.ingest import ChunkRules, SettingsError, parsing, process
from memctl.ingest.document import Problem
from memctl.ingest.parsed import Outcome, Parsed, Task
from memctl.ingest.parsing import Parser
from memctl.ingest.process import WorkerProcess
from memctl.ingest.readers.llamaindex import check
from memctl.ingest.settings import Limits, Settings, load
from memctl.ingest.walk import Entry

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part is Linux's")

CONFINED = """
import ctypes, os, sys, tempfile
from memctl.ingest.confinement import Bounds, confine
scratch = os.path.realpath(tempfile.mkdtemp())
confine(Bounds(0, 1_000_000, scratch=scratch))
import asyncio, resource, socket, sqlite3, struct, subprocess
kernel = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
for code in sys.argv[1:]:
    try:
        print(eval(code))
    except OSError as error:
        print(type(error).__name__)
"""


def confined(codes: Sequence[str], folder: Path) -> dict[str, str]:
    """Evaluate each of ``codes`` in a process without rights; return what it gave, or its error."""
    result = subprocess.run(
        [sys.executable, "-c", CONFINED, *codes],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=folder,
    )
    return dict(zip(codes, result.stdout.splitlines(), strict=True))


def test_python_code_may_not_reach_out(tmp_path: Path) -> None:
    reaching = (
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "subprocess.run([sys.executable, '-V'])",
        "os.system('true')",
        "os.kill(os.getppid(), 0)",
        "open('outside.txt', 'w')",
        "open('outside.txt', 'r+b')",
        "os.open('outside.txt', os.O_RDWR | os.O_CREAT)",
        "os.mkdir('outside')",
        "os.remove(os.__file__)",
        "os.rename(scratch, scratch + '/../outside')",
        "os.symlink('/etc/passwd', 'outside')",
        "sqlite3.connect('outside.db')",
        "open(os.path.join(scratch, '..', 'outside.txt'), 'w')",
    )
    assert confined(reaching, tmp_path) == dict.fromkeys(reaching, "ForbiddenError")
    assert list(tmp_path.iterdir()) == []


def test_what_readers_need_is_left_to_them(tmp_path: Path) -> None:
    expected = {
        "open(os.path.join(scratch, 'inside.txt'), 'w').write('text')": "4",
        "os.mkdir(os.path.join(scratch, 'inside'))": "None",
        "tempfile.TemporaryDirectory(dir=scratch).cleanup()": "None",
        "open(os.devnull, 'w').write('text')": "4",
        "len(open(os.__file__).read(3))": "3",
        "sqlite3.connect(':memory:').execute('select 1').fetchone()": "(1,)",
        "asyncio.run(asyncio.sleep(0, 5))": "5",
        "__import__('wave').__name__": "wave",
    }
    assert confined(list(expected), tmp_path) == expected


@LINUX
def test_a_file_that_grows_over_the_limit_and_a_core_are_refused(tmp_path: Path) -> None:
    large = "os.write(os.open(scratch + '/large', os.O_WRONLY | os.O_CREAT), bytes(2_000_000))"
    expected = {
        large: "1000000",
        "os.write(os.open(scratch + '/large', os.O_WRONLY | os.O_APPEND), b'x')": "OSError",
        "resource.getrlimit(resource.RLIMIT_CORE)": "(0, 0)",
        "kernel.prctl(39, 0, 0, 0, 0)": "1",  # PR_GET_NO_NEW_PRIVS
    }
    assert confined(list(expected), tmp_path) == expected


@LINUX
def test_code_of_c_may_not_reach_out_either(tmp_path: Path) -> None:
    if not _has_landlock(minimum=6):
        pytest.skip("a kernel without Landlock, or with an old one")
    expected = {
        "kernel.open(b'outside.txt', os.O_CREAT | os.O_WRONLY, 0o600)": "-1",
        "kernel.open((scratch + '/in').encode(), os.O_CREAT | os.O_WRONLY, 0o600) > 0": "True",
        "kernel.unlink(os.__file__.encode())": "-1",
        "kernel.kill(os.getppid(), 0)": "-1",
        "kernel.system(b'true')": str(127 << 8),
    }
    assert confined(list(expected), tmp_path) == expected
    assert list(tmp_path.iterdir()) == []


@LINUX
def test_there_is_no_network_below_python_either(tmp_path: Path) -> None:
    if not _may_unshare():
        pytest.skip("this system lets nobody leave its network")
    address = "struct.pack('=HH4s8x', 2, socket.htons(9), bytes([127, 0, 0, 1]))"
    code = f"kernel.sendto(kernel.socket(2, 2, 0), b'x', 1, 0, {address}, 16)"
    assert confined([code], tmp_path) == {code: "-1"}


def _has_landlock(*, minimum: int) -> bool:
    import ctypes

    return bool(ctypes.CDLL(None).syscall(444, None, 0, 1) >= minimum)


def _may_unshare() -> bool:
    code = "import ctypes; k = ctypes.CDLL(None); print(k.unshare(1 << 30) * k.unshare(5 << 28))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return out.stdout.strip() == "0"


READERS = '''
from pathlib import Path

class Page:
    def __init__(self, text, **metadata):
        self.text, self.metadata = text, metadata

class Upper:
    """Yields a document a line."""

    def load_data(self, file):
        lines = Path(file).read_text("utf-8").splitlines()
        return [Page(line.upper(), Page=n, file_path=str(file)) for n, line in enumerate(lines, 1)]

class Online:
    def load_data(self, file):
        import socket
        socket.create_connection(("127.0.0.1", 9))

class Writing:
    def load_data(self, file):
        Path(file).with_suffix(".out").write_text("x")

class Scratching:
    def load_data(self, file):
        import tempfile
        with tempfile.NamedTemporaryFile("w+") as copy:
            copy.write("scratch")
            return [Page("read from " + str(Path(copy.name).parent))]

class Secretive:
    def load_data(self, file):
        import os
        return [Page(repr(sorted(name for name in os.environ if "KEY" in name)))]

class Sleeping:
    def load_data(self, file):
        import time
        time.sleep(600)

class Failing:
    def load_data(self, file):
        raise KeyError("no such thing")
'''

Read = Callable[..., tuple[list[Parsed], list[Problem], Outcome]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read one file by a reader of the module ``own_readers``, in a worker process."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "own_readers.py").write_text(READERS, encoding="utf-8")
    monkeypatch.syspath_prepend(modules)
    monkeypatch.setenv("PYTHONPATH", str(modules))

    def run(
        name: str, text: str | bytes, readers: Mapping[str, str], limits: Limits | None = None
    ) -> tuple[list[Parsed], list[Problem], Outcome]:
        file = tmp_path / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return _outcome(file, readers, limits or Limits())

    return run


def _outcome(
    file: Path, readers: Mapping[str, str], limits: Limits
) -> tuple[list[Parsed], list[Problem], Outcome]:
    size = file.stat().st_size
    task = Task(Entry(file.name, file, root="", size=size, mtime_ns=0, ctime_ns=0))
    documents: list[Parsed] = []
    problems: list[Problem] = []
    end = Outcome("", code="nothing")
    with Parser(ChunkRules(), limits, workers=1, readers=readers) as parser:
        for _, results in parser.parse([task]):
            for result in results:
                if isinstance(result, Parsed):
                    documents.append(result)
                elif isinstance(result, Problem):
                    problems.append(result)
                elif isinstance(result, Outcome):
                    end = result
    return documents, problems, end


def test_a_reader_that_the_settings_name_reads_before_memctl_s_own(read: Read) -> None:
    documents, _, end = read("a.TXT", "маяк\nlighthouse\n", {".txt": "own_readers:Upper"})
    assert end.code == ""
    assert [(each.path, each.chunks[0].text) for each in documents] == [
        ("a.TXT#1", "МАЯК"),
        ("a.TXT#2", "LIGHTHOUSE"),
    ]
    assert [dict(each.metadata) for each in documents] == [{"page": ("1",)}, {"page": ("2",)}]


def test_it_reads_members_of_archives_too(read: Read) -> None:
    import gzip

    packed = gzip.compress("маяк".encode())
    (document,), _, _ = read("a.own.gz", packed, {".own": "own_readers:Upper"})
    assert (document.path, document.chunks[0].text) == ("a.own.gz#a.own", "МАЯК")


@pytest.mark.parametrize("name", ["Online", "Writing"])
def test_a_named_reader_may_not_reach_out(read: Read, name: str, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    documents, _, end = read("a.own", "text", {".own": f"own_readers:{name}"})
    assert (documents, end.code) == ([], "forbidden")
    assert set(tmp_path.iterdir()) - before == {tmp_path / "a.own"}


def test_it_has_a_folder_to_write_in_that_is_gone_afterwards(read: Read) -> None:
    (document,), _, _ = read("a.own", "text", {".own": "own_readers:Scratching"})
    folder = Path(document.chunks[0].text.removeprefix("read from "))
    assert folder.parent == Path(tempfile.gettempdir())
    assert not folder.exists()


def test_it_sees_no_secret_of_the_environment(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    (document,), _, _ = read("a.own", "text", {".own": "own_readers:Secretive"})
    assert document.chunks[0].text == "[]"


def test_what_it_raises_costs_its_file_only(read: Read) -> None:
    _, _, end = read("a.own", "text", {".own": "own_readers:Failing"})
    assert (end.code, end.reason) == (
        "crashed",
        "the reader died of it: KeyError: 'no such thing'",
    )


def test_a_reader_that_sleeps_is_ended(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 2.0)
    _, _, end = read("a.own", "text", {".own": "own_readers:Sleeping"}, Limits(seconds=1))
    assert (end.code, end.reason) == ("time", "reading it takes longer than the limit of 1 s")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("own_readers:Lower", "there is no Lower in own_readers"),
        ("own_reader:Upper", "there is no module own_reader"),
        ("own_readers.sub:Upper", "there is no module own_readers.sub"),
        ("own_readers.Upper", "the reader for .own is 'own_readers.Upper'"),
        ("llama_index.readers.nowhere:Reader", "there is no module llama_index.readers.nowhere"),
    ],
)
def test_a_reader_that_is_not_there_is_told_before_anything_is_read(
    read: Read, where: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        read("a.own", "text", {".own": where})
    assert caught.value.hint


def test_looking_for_a_reader_imports_nothing() -> None:
    code = (
        "import sys; from memctl.ingest.readers.llamaindex import check;"
        "check({'.x': 'llama_index.core.readers.json:JSONReader'});"
        "print([name for name in sys.modules if name.startswith('llama_index')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_the_reader_of_llama_index_itself_is_found() -> None:
    check({".jx": "llama_index.core.readers.json:JSONReader"})


def test_named_readers_are_kept_in_the_settings(tmp_path: Path) -> None:
    settings = Settings(readers={".hwp": "llama_index.readers.file:HWPReader"})
    file = tmp_path / "memctl.toml"
    file.write_text(settings.to_toml(), encoding="utf-8")
    assert load(file).readers == settings.readers
    file.write_text('format = 1\n[readers]\n".HWP" = "a:B"\n', encoding="utf-8")
    assert load(file).readers == {".hwp": "a:B"}


@pytest.mark.parametrize("line", ['hwp = "a:B"', '".hwp" = 3', '"." = "a:B"'])
def test_a_suffix_or_a_class_that_cannot_be_one_is_an_error(tmp_path: Path, line: str) -> None:
    file = tmp_path / "memctl.toml"
    file.write_text(f"format = 1\n[readers]\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="readers"):
        load(file)


def test_a_file_that_is_too_large_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    file = tmp_path / "sparse.txt"
    with file.open("wb") as stream:
        stream.truncate(5 << 30)
    _, _, end = _outcome(file, {}, Limits(seconds=1))
    assert (end.code, end.sha256) == ("too_large", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of processor time there")
def test_all_parts_of_a_file_together_have_a_limit_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parsing, "_PARTS", 1)
    file = tmp_path / "rows.jsonl"
    text = "Смотритель маяка насчитал сегодня много чаек. " * 20
    row = '{{"id": {0}, "text": "{1}"}}\n'
    file.write_text("".join(row.format(number, text) for number in range(9_000)), encoding="utf-8")
    documents, _, end = _outcome(file, {}, Limits(seconds=1))
    assert (end.code, end.reason) == ("time", "its parts take more than 2 s together")
    assert len(documents) < 9_000


def test_what_a_worker_says_of_names_is_made_safe() -> None:
    result = process.result_of(
        {"kind": "problem", "path": "a\x1b[2J\u202e#b", "code": "io", "reason": "[x]\x9b2J\n"}
    )
    assert isinstance(result, Problem)
    assert (result.path, result.reason) == ("a\\x1b[2J\\u202e#b", "[x] 2J")


def test_a_worker_that_cannot_start_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(OSError, match="Cannot allocate"):
        WorkerProcess(Limits(), scratch=True)
    assert list(tmp_path.iterdir()) == []
