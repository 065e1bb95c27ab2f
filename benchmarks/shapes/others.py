"""Data sets that are no tables: folders, lines, JSON, Parquet."""

import bz2
import json
from pathlib import Path

from benchmarks.shapes.shape import Pair, Shape, in_splits, joined, pairs, write_lines


def _imdb(folder: Path) -> list[Pair]:
    root = folder / "aclImdb"
    splits = in_splits(("neg", "pos"), ("train", "test"))
    for name, rows in splits.items():
        for row, (text, label) in enumerate(rows):
            write_lines(root / name / label / f"{row}_{7 if label == 'pos' else 2}.txt", [text])
        for label in ("pos", "neg"):
            write_lines(root / name / f"urls_{label}.txt", ["an address"])
        write_lines(root / name / "labeledBow.feat", ["9 0:9 1:1"])
    for row, (text, _) in enumerate(pairs(("none",), 4, 500)):
        write_lines(root / "train" / "unsup" / f"{row}_0.txt", [text])
    for name in ("README", "imdb.vocab", "imdbEr.txt"):
        write_lines(root / name, ["the"])
    return joined(splits)


def _rotten(folder: Path) -> list[Pair]:
    rows = pairs(("neg", "pos"))
    for label in ("neg", "pos"):
        path = folder / "rt-polaritydata" / f"rt-polarity.{label}"
        write_lines(path, [text for text, of in rows if of == label], "latin-1")
    write_lines(folder / "rt-polaritydata" / "rt-polaritydata.README.1.0.txt", ["About these files."])
    return rows


def _stsa(folder: Path) -> list[Pair]:
    splits = in_splits(("0", "1"))
    for name, rows in splits.items():
        write_lines(folder / "sst" / f"stsa.binary.{name}", [f"{label} {text}" for text, label in rows])
    return joined(splits)


def _trec(folder: Path) -> list[Pair]:
    names = ("DESC:manner", "ENTY:cremat", "HUM:ind", "LOC:city", "NUM:date")
    rows = {"train_5500.label": pairs(names), "TREC_10.label": pairs(names, 20, 60)}
    for name, found in rows.items():
        write_lines(folder / name, [f"{label} {text}" for text, label in found], "latin-1")
    return joined(rows)


def _amazon(folder: Path) -> list[Pair]:
    splits = in_splits(("1", "2"), ("train", "test"))
    (folder / "amazon").mkdir()
    for name, rows in splits.items():
        lines = "".join(f"__label__{label} {text}\n" for text, label in rows)
        (folder / "amazon" / f"{name}.ft.txt.bz2").write_bytes(bz2.compress(lines.encode()))
    return joined(splits)


def _newsgroups(folder: Path) -> list[Pair]:
    splits = in_splits(("comp.graphics", "rec.autos", "sci.med", "talk.politics.misc"), ("train", "test"))
    for name, rows in splits.items():
        for row, (text, label) in enumerate(rows):
            lines = ["From: someone", "Subject: ours", "", text]
            write_lines(folder / "20news" / f"20news-bydate-{name}" / label / str(9000 + row), lines, "latin-1")
    found = joined(splits)
    return [(f"From: someone\nSubject: ours\n\n{text}", label) for text, label in found]


def _clinc(folder: Path) -> list[Pair]:
    splits = in_splits(("translate", "transfer", "timer", "weather", "joke"), ("train", "val", "test"))
    splits |= {f"oos_{name}": pairs(("oos",), 6, 600 + 10 * at) for at, name in enumerate(("train", "val", "test"))}
    (folder / "data_full.json").write_text(json.dumps(splits), "utf-8")
    return joined(splits)


def _emotion(folder: Path) -> list[Pair]:
    splits = in_splits(("sadness", "joy", "anger", "fear"), ("train", "val", "test"))
    for name, rows in splits.items():
        write_lines(folder / "emotion" / f"{name}.txt", [f"{text};{label}" for text, label in rows])
    return joined(splits)


def _tweeteval(folder: Path) -> list[Pair]:
    splits = in_splits(("0", "1", "2"), ("train", "val", "test"))
    names = {"0": "negative", "1": "neutral", "2": "positive"}
    for name, rows in splits.items():
        write_lines(folder / "sentiment" / f"{name}_text.txt", [text for text, _ in rows])
        write_lines(folder / "sentiment" / f"{name}_labels.txt", [label for _, label in rows])
    write_lines(folder / "sentiment" / "mapping.txt", [f"{number}\t{name}" for number, name in names.items()])
    return [(text, names[label]) for text, label in joined(splits)]


def _massive(folder: Path) -> list[Pair]:
    splits = in_splits(("alarm_set", "play_music", "weather_query", "email_send"))
    records = [
        {"id": str(row), "locale": "en-US", "partition": name, "scenario": label.split("_")[0], "intent": label,
         "utt": text, "annot_utt": f"[time : {text}]", "worker_id": "1"}
        for name, rows in splits.items() for row, (text, label) in enumerate(rows)
    ]  # fmt: skip
    write_lines(folder / "en-US.jsonl", [json.dumps(record, ensure_ascii=False) for record in records])
    return joined(splits)


def _sarcasm(folder: Path) -> list[Pair]:
    rows = pairs(("0", "1"))
    records = [{"article_link": "a link", "headline": text, "is_sarcastic": int(label)} for text, label in rows]
    write_lines(folder / "Sarcasm_Headlines_Dataset.json", map(json.dumps, records))
    return rows


def _hub(folder: Path) -> list[Pair]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("negative", "positive")
    splits = in_splits(names, ("train", "validation", "test"))
    feature = {"text": {"dtype": "string", "_type": "Value"}, "label": {"names": names, "_type": "ClassLabel"}}
    metadata = {"huggingface": json.dumps({"info": {"features": feature}})}
    (folder / "data").mkdir()
    for name, rows in splits.items():
        columns = {"text": [text for text, _ in rows], "label": [names.index(label) for _, label in rows]}
        table = pa.table(columns).replace_schema_metadata(metadata)
        pq.write_table(table, folder / "data" / f"{name}-00000-of-00001.parquet")
    return joined(splits)


OTHERS = (
    Shape(
        "IMDB (aclImdb)", "folders train and test of folders pos and neg, a file a text; unlabelled ones beside them",
        "aclImdb", _imdb, (),
        'paths = [path for path in Path("aclImdb").glob("*/*/*.txt") if path.parent.name in ("pos", "neg")]\n'
        'texts, labels = [path.read_text("utf-8") for path in paths], [path.parent.name for path in paths]',
        'files = {n: [f"aclImdb/{n}/pos/*.txt", f"aclImdb/{n}/neg/*.txt"] for n in ("train", "test")}\n'
        'paths = {n: sum((sorted(map(str, Path().glob(g))) for g in globs), []) for n, globs in files.items()}\n'
        'data = load_dataset("text", data_files=paths, sample_by="document")\n'
        'for name in data:\n'
        '    data[name] = data[name].add_column("label", [Path(path).parent.name for path in paths[name]])',
    ),
    Shape(
        "Rotten Tomatoes (rt-polarity)", "a file a class, a text a line, latin-1", "rt-polaritydata", _rotten, (),
        'read = {c: open(f"rt-polaritydata/rt-polarity.{c}", encoding="latin-1").readlines() for c in ("neg", "pos")}\n'
        "texts, labels = zip(*((line.strip(), name) for name, lines in read.items() for line in lines))",
        'files = {c: f"rt-polaritydata/rt-polarity.{c}" for c in ("neg", "pos")}\n'
        'read = load_dataset("text", data_files=files, encoding="latin-1")\n'
        'parts = [part.add_column("label", [name] * len(part)) for name, part in read.items()]\n'
        "data = concatenate_datasets(parts)",
    ),
    Shape(
        "SST sentences (stsa)", "stsa.binary.train, .dev and .test: lines of a number and a text", "sst", _stsa, (),
        'lines = [line for n in ("train", "dev", "test") for line in open(f"sst/stsa.binary.{n}", encoding="utf-8")]\n'
        'labels, texts = zip(*(line.strip().split(" ", 1) for line in lines))',
        'files = {n: f"sst/stsa.binary.{n}" for n in ("train", "dev", "test")}\n'
        'data = load_dataset("text", data_files=files)\n'
        'data = data.map(lambda row: dict(zip(("label", "text"), row["text"].split(" ", 1))))',
    ),
    Shape(
        "TREC", "two .label files: lines of CLASS:subclass and a question, latin-1", "train_5500.label", _trec,
        ("--test", "TREC_10.label"),
        'lines = [x for n in ("train_5500", "TREC_10") for x in open(f"{n}.label", encoding="latin-1")]\n'
        'labels, texts = zip(*(line.strip().split(" ", 1) for line in lines))',
        'files = {"train": "train_5500.label", "test": "TREC_10.label"}\n'
        'data = load_dataset("text", data_files=files, encoding="latin-1")\n'
        'data = data.map(lambda row: dict(zip(("label", "text"), row["text"].split(" ", 1))))',
    ),
    Shape(
        "Amazon polarity (fastText)", "two files of __label__ lines, bzip2", "amazon", _amazon, (),
        'lines = [x for n in ("train", "test") for x in bz2.open(f"amazon/{n}.ft.txt.bz2", "rt", encoding="utf-8")]\n'
        'labels, texts = zip(*(line.strip().removeprefix("__label__").split(" ", 1) for line in lines))',
        'files = {n: f"amazon/{n}.ft.txt.bz2" for n in ("train", "test")}\n'
        'data = load_dataset("text", data_files=files)\n'
        'data = data.map(lambda row: dict(zip(("label", "text"), row["text"].split(" ", 1))))',
        fasttext='parts = [bz2.open(f"amazon/{n}.ft.txt.bz2").read() for n in ("train", "test")]\n'
        'open("train.txt", "wb").write(b"".join(parts))',
    ),
    Shape(
        "20 Newsgroups (bydate)", "folders train and test of a folder a group, a file a text, latin-1", "20news",
        _newsgroups, (),
        'paths = list(Path("20news").glob("*/*/*"))\n'
        'texts, labels = [path.read_text("latin-1") for path in paths], [path.parent.name for path in paths]',
        'paths = {n: sorted(map(str, Path(f"20news/20news-bydate-{n}").glob("*/*"))) for n in ("train", "test")}\n'
        'data = load_dataset("text", data_files=paths, sample_by="document", encoding="latin-1")\n'
        "for name in data:\n"
        '    data[name] = data[name].add_column("label", [Path(path).parent.name for path in paths[name]])',
    ),
    Shape(
        "CLINC150", "one JSON object: split, then pairs of text and intent", "data_full.json", _clinc, (),
        'texts, labels = zip(*(pair for rows in json.load(open("data_full.json")).values() for pair in rows))',
        'read = json.load(open("data_full.json"))\n'
        'splits = {n: [dict(zip(("text", "label"), pair)) for pair in rows] for n, rows in read.items()}\n'
        "data = DatasetDict({name: Dataset.from_list(rows) for name, rows in splits.items()})",
    ),
    Shape(
        "Emotion (dair-ai)", "train, val and test.txt: lines of text;emotion", "emotion", _emotion, (),
        'paths = [f"emotion/{n}.txt" for n in ("train", "val", "test")]\n'
        'frame = pd.concat([pd.read_csv(path, sep=";", header=None, quoting=3) for path in paths])\n'
        "texts, labels = list(frame[0]), list(frame[1])",
        'files, names = {n: f"emotion/{n}.txt" for n in ("train", "val", "test")}, ["text", "label"]\n'
        'data = load_dataset("csv", data_files=files, sep=";", column_names=names, quoting=3)',
    ),
    Shape(
        "TweetEval", "texts and labels in files side by side, names of the labels in a third", "sentiment",
        _tweeteval, (),
        'read = lambda kind: [x for n in ("train", "val", "test") for x in open(f"sentiment/{n}_{kind}.txt")]\n'
        'names = dict(line.strip().split("\\t") for line in open("sentiment/mapping.txt"))\n'
        'texts, labels = read("text"), [names[label.strip()] for label in read("labels")]',
        'files = {n: f"sentiment/{n}_text.txt" for n in ("train", "val", "test")}\n'
        'names = dict(line.strip().split("\\t") for line in open("sentiment/mapping.txt"))\n'
        'data = load_dataset("text", data_files=files)\n'
        "for name in data:\n"
        '    labels = [names[label.strip()] for label in open(f"sentiment/{name}_labels.txt")]\n'
        '    data[name] = data[name].add_column("label", labels)',
    ),
    Shape(
        "MASSIVE", "JSON lines of one language, its splits in a field", "en-US.jsonl", _massive,
        ("--text", "utt", "--label", "intent"),
        'frame = pd.read_json("en-US.jsonl", lines=True)\ntexts, labels = list(frame["utt"]), list(frame["intent"])',
        'data = load_dataset("json", data_files="en-US.jsonl")',
    ),
    Shape(
        "Hugging Face Hub", "Parquet, a file a split; the labels numbers with names (ClassLabel)", "data", _hub, (),
        'paths = sorted(Path("data").glob("*.parquet"))\n'
        "frame = pd.concat(map(pd.read_parquet, paths))\n"
        'names = json.loads(pq.read_schema(paths[0]).metadata[b"huggingface"])["info"]["features"]["label"]["names"]\n'
        'texts, labels = list(frame["text"]), [names[label] for label in frame["label"]]',
        'data = load_dataset("parquet", data_dir="data")',
    ),
    Shape(
        "Sarcasm headlines", "JSON lines in a .json file", "Sarcasm_Headlines_Dataset.json", _sarcasm,
        ("--text", "headline", "--label", "is_sarcastic"),
        'frame = pd.read_json("Sarcasm_Headlines_Dataset.json", lines=True)\n'
        'texts, labels = list(frame["headline"]), list(frame["is_sarcastic"])',
        'data = load_dataset("json", data_files="Sarcasm_Headlines_Dataset.json")',
    ),
)  # fmt: skip
