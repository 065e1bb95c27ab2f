"""Zip and tar files: what a folder of them would hold, and nothing that leads out of them."""

import io
import tarfile
import zipfile

import pytest

from sentiment.corpora.readers import Reader, read_table
from sentiment.errors import InputError

CSV = "text,label\na good film,positive\na bad film,negative\n"
FOLDERS = {
    "a folder a class": {f"data/{split}/{label}/{n}.txt": f"{label} {split} text {n}" for n in range(4)
                         for split in ("train", "test") for label in ("pos", "neg")},
    "splits": {"in/train.csv": CSV, "in/test.csv": "text,label\nlast,positive\n", "README.md": "read me"},
    "a file a class": {"rt.pos": "good\nfine\n", "rt.neg": "bad\npoor\n"},
    "slot filling": {f"{split}/{name}": content for split in ("train", "test")
                     for name, content in (("seq.in", "a b\nc d\n"), ("label", "x\ny\n"), ("seq.out", "O O\nO O\n"))},
    "one file": {"README.md": "read me", "in/own.csv": CSV, "__MACOSX/._own.csv": "x"},
}  # fmt: skip


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def tarred(path, members, mode):
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            content = data if isinstance(data, bytes) else data.encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


ARCHIVES = {
    "own.zip": zipped,
    "own.tar": lambda path, members: tarred(path, members, "w"),
    "own.tar.gz": lambda path, members: tarred(path, members, "w:gz"),
    "own.tgz": lambda path, members: tarred(path, members, "w:gz"),
    "own.tar.bz2": lambda path, members: tarred(path, members, "w:bz2"),
    "own.tar.xz": lambda path, members: tarred(path, members, "w:xz"),
}


def rows(source):
    table = read_table(source)
    return sorted(zip(table.texts, table.labels, table.splits, strict=True), key=str)


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("layout", FOLDERS)
def test_an_archive_holds_what_its_folder_holds(tmp_path, monkeypatch, name, layout):
    for member, content in FOLDERS[layout].items():
        path = tmp_path / "folder" / member
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    archive = ARCHIVES[name](tmp_path / name, FOLDERS[layout])
    assert rows(archive) == rows(tmp_path / "folder")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(archive.read_bytes())))
    assert rows("-") == rows(archive)
    with Reader(archive) as reader:
        found = list(reader.rows())
        assert list(reader.rows(found[1].end)) == found[2:]


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_member_can_be_named(tmp_path, name):
    path = ARCHIVES[name](tmp_path / name, {"a.csv": CSV, "in/b.csv": "text,label\nlast,positive\n"})
    assert read_table(f"{path}/in/b.csv").texts == ["last"]
    with pytest.raises(InputError, match=r"no file 'c\.csv' in it; there is a\.csv, in/b\.csv"):
        read_table(f"{path}/c.csv")


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_member_that_is_packed_itself_is_unpacked_once_more(tmp_path, name):
    names = ("train.csv.zip", "test.csv.zip")
    inner = {each: zipped(tmp_path / each, {each.removesuffix(".zip"): CSV}).read_bytes() for each in names}
    path = ARCHIVES[name](tmp_path / name, inner)
    assert set(read_table(path).splits) == {"train", "test"}
    deeper = zipped(tmp_path / "inner.zip", {name: path.read_bytes()}).read_bytes()
    with pytest.raises(InputError, match=r"inner\.zip/own.*: packed in what is packed itself: unpack it first"):
        read_table(ARCHIVES[name](tmp_path / f"outer-{name}", {"inner.zip": deeper}))


def test_links_and_devices_of_a_tar_file_are_no_data(tmp_path):
    (tmp_path / "secret.csv").write_text(CSV)
    with tarfile.open(tmp_path / "own.tar", "w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "link.csv"), (tarfile.LNKTYPE, "hard.csv"), (tarfile.CHRTYPE, "null.csv")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, str(tmp_path / "secret.csv")
            archive.addfile(info)
        info = tarfile.TarInfo("../../own.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV.encode()))
    with pytest.raises(InputError, match="no data file in it"):
        read_table(tmp_path / "own.tar")


def test_an_office_program_s_document_is_no_archive_of_data(tmp_path):
    path = zipped(tmp_path / "own.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"})
    with pytest.raises(InputError, match=r"own\.docx: an office program's document: save it as plain text"):
        read_table(path)
