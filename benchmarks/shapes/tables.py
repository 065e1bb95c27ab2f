"""Data sets that are tables: CSV, TSV, other delimiters, a workbook."""

from pathlib import Path

from benchmarks.shapes.shape import Pair, Shape, in_splits, joined, pairs, write_csv, write_lines


def _sentiment140(folder: Path) -> list[Pair]:
    rows = pairs(("0", "4"))
    cells = [(label, 1000 + row, "Mon Apr 06", "NO_QUERY", "someone", text) for row, (text, label) in enumerate(rows)]
    write_csv(folder / "training.1600000.csv", cells, "latin-1", quote_all=True)
    return rows


def _sms(folder: Path) -> list[Pair]:
    rows = [(text if row % 7 else f'"{text}', label) for row, (text, label) in enumerate(pairs(("ham", "ham", "spam")))]
    write_lines(folder / "SMSSpamCollection", [f"{label}\t{text}" for text, label in rows])
    return rows


def _topics(folder: Path) -> list[Pair]:
    splits = in_splits(("1", "2", "3", "4"), ("train", "test"))
    for name, rows in splits.items():
        cells = [(label, f"Title {row}", text) for row, (text, label) in enumerate(rows)]
        write_csv(folder / "ag_news_csv" / f"{name}.csv", cells, quote_all=True)
    classes = ("World", "Sports", "Business", "Sci/Tech")
    write_lines(folder / "ag_news_csv" / "classes.txt", classes)
    write_lines(folder / "ag_news_csv" / "readme.txt", ["About these files."])
    return [
        (f"Title {row} {text}", classes[int(label) - 1])
        for rows in splits.values()
        for row, (text, label) in enumerate(rows)
    ]


def _yelp(folder: Path) -> list[Pair]:
    splits = in_splits(("1", "2"), ("train", "test"))
    for name, rows in splits.items():
        write_csv(folder / "yelp_csv" / f"{name}.csv", [(label, text) for text, label in rows], quote_all=True)
    write_lines(folder / "yelp_csv" / "readme.txt", ["About these files."])
    return joined(splits)


def _yahoo(folder: Path) -> list[Pair]:
    splits = in_splits(tuple(map(str, range(1, 11))), ("train", "test"))
    for name, rows in splits.items():
        cells = [(label, f"Question {row}?", "", text) for row, (text, label) in enumerate(rows)]
        write_csv(folder / "yahoo_csv" / f"{name}.csv", cells, quote_all=True)
    write_lines(folder / "yahoo_csv" / "classes.txt", [f"Topic{number}" for number in range(1, 11)])
    return [
        (f"Question {row}? {text}", f"Topic{label}")
        for rows in splits.values()
        for row, (text, label) in enumerate(rows)
    ]


def _banking(folder: Path) -> list[Pair]:
    splits = in_splits(("card_arrival", "lost_card", "top_up", "exchange_rate", "pin_blocked", "age_limit"))
    del splits["dev"]
    for name, rows in splits.items():
        write_csv(folder / "banking_data" / f"{name}.csv", [("text", "category"), *rows])
    write_lines(folder / "banking_data" / "categories.json", ['["card_arrival", "lost_card"]'])
    return joined(splits)


def _glue(folder: Path) -> list[Pair]:
    splits = in_splits(("0", "1"))
    test = splits.pop("test")
    for name, rows in splits.items():
        lines = ["sentence\tlabel", *(f"{text}\t{label}" for text, label in rows)]
        write_lines(folder / "SST-2" / f"{name}.tsv", lines)
    write_lines(folder / "SST-2" / "test.tsv", ["index\tsentence", *(f"{i}\t{pair[0]}" for i, pair in enumerate(test))])
    return joined(splits)


def _semeval(folder: Path) -> list[Pair]:
    splits = in_splits(("negative", "neutral", "positive"))
    for name, rows in splits.items():
        marked = [(text if row % 7 else f'"{text}', label) for row, (text, label) in enumerate(rows)]
        lines = [f"{7000 + row}\t{label}\t{text}" for row, (text, label) in enumerate(marked)]
        write_lines(folder / "2017_English_final" / f"twitter-2016{name}-A.txt", lines)
        splits[name] = marked
    return joined(splits)


def _airline(folder: Path) -> list[Pair]:
    rows = pairs(("negative", "neutral", "positive"))
    head = ("tweet_id", "airline_sentiment", "negativereason", "airline", "name", "text", "tweet_created")
    cells = [(row, label, "", "Some Air", "someone", text, "2015-02-24") for row, (text, label) in enumerate(rows)]
    write_csv(folder / "Tweets.csv", [head, *cells])
    return rows


def _apple(folder: Path) -> list[Pair]:
    rows = pairs(("1", "3", "5", "not_relevant"))
    head = ("_unit_id", "_golden", "sentiment", "sentiment:confidence", "date", "id", "query", "text")
    cells = [(row, "TRUE", label, 0.6, "Mon Dec 01", 5, "#x", text) for row, (text, label) in enumerate(rows)]
    write_csv(folder / "Apple-Twitter-Sentiment-DFE.csv", [head, *cells], "latin-1")
    return rows


def _entity(folder: Path) -> list[Pair]:
    names = ("Positive", "Neutral", "Negative", "Irrelevant")
    splits = {"training": pairs(names, 120), "validation": pairs(names, 40, 120)}
    for name, rows in splits.items():
        cells = [(row, "Harbour", label, text) for row, (text, label) in enumerate(rows)]
        empty = [(99, "Harbour", "Neutral", "")] if name == "training" else []
        write_csv(folder / "entity" / f"twitter_{name}.csv", [*cells, *empty])
    return joined(splits)


def _hate(folder: Path) -> list[Pair]:
    rows = pairs(("0", "1", "2"))
    head = ("", "count", "hate_speech", "offensive_language", "neither", "class", "tweet")
    cells = [(row, 3, 0, 0, 3, label, text) for row, (text, label) in enumerate(rows)]
    write_csv(folder / "labeled_data.csv", [head, *cells])
    return rows


def _phrases(folder: Path) -> list[Pair]:
    rows = pairs(("neutral", "positive", "negative"))
    write_lines(folder / "Sentences_AllAgree.txt", [f"{text}@{label}" for text, label in rows], "latin-1")
    return rows


def _food(folder: Path) -> list[Pair]:
    rows = pairs(("1", "2", "3", "4", "5"))
    head = ("Id", "ProductId", "UserId", "ProfileName", "HelpfulnessNumerator", "Score", "Time", "Summary", "Text")
    cells = [
        (row, "B00", "A1", "Someone", 1, label, 1303862400, "Short", text) for row, (text, label) in enumerate(rows)
    ]
    write_csv(folder / "Reviews.csv", [head, *cells])
    return rows


def _chinese(folder: Path) -> list[Pair]:
    rows = [(f"第{row}天房间很{'干净' if row % 2 else '吵'}，早餐一般", str(row % 2)) for row in range(60)]
    write_csv(folder / "ChnSentiCorp_htl_all.csv", [("label", "review"), *(pair[::-1] for pair in rows)])
    return rows


def _workbook(folder: Path) -> list[Pair]:
    import openpyxl

    rows = pairs(("bad", "good"))
    book = openpyxl.Workbook()
    for cells in (("date", "review", "opinion"), *(("2024-05-01", text, label) for text, label in rows)):
        book.active.append(cells)
    book.save(folder / "reviews.xlsx")
    return rows


def _topic_code(folder: str, columns: int, named: bool = True) -> tuple[str, str]:
    """Returns the lines of pandas and of `load_dataset` for train.csv and test.csv of a class and some texts."""
    labels = "[names[number - 1] for number in frame[0]]" if named else "list(frame[0])"
    texts = " + ' ' + ".join(f"frame[{column}]" for column in range(1, columns))
    names = ["label", *(f"text{column}" for column in range(1, columns))]
    pandas = [
        f'frames = [pd.read_csv(f"{folder}/{{n}}.csv", header=None) for n in ("train", "test")]',
        'frame = pd.concat(frames, ignore_index=True).fillna("")',
        *([f'names = Path("{folder}/classes.txt").read_text().splitlines()'] if named else []),
        f"texts, labels = list({texts}), {labels}",
    ]
    datasets = [
        f'files = {{n: f"{folder}/{{n}}.csv" for n in ("train", "test")}}',
        f'data = load_dataset("csv", data_files=files, column_names={names})',
    ]
    return "\n".join(pandas), "\n".join(datasets)


TABLES = (
    Shape(
        "Sentiment140", "CSV, 6 quoted columns, no header, latin-1, labels 0 and 4", "training.1600000.csv",
        _sentiment140, ("--text", "6", "--label", "1"),
        'frame = pd.read_csv("training.1600000.csv", header=None, encoding="latin-1")\n'
        "texts, labels = list(frame[5]), list(frame[0])",
        'names = ["label", "id", "date", "query", "user", "text"]\n'
        'data = load_dataset("csv", data_files="training.1600000.csv", column_names=names, encoding="latin-1")',
    ),
    Shape(
        "SMS Spam Collection", "TSV, no header, no suffix, stray quotes", "SMSSpamCollection", _sms, (),
        'frame = pd.read_csv("SMSSpamCollection", sep="\\t", header=None, quoting=3)\n'
        "texts, labels = list(frame[1]), list(frame[0])",
        'files, names = "SMSSpamCollection", ["label", "text"]\n'
        'data = load_dataset("csv", data_files=files, sep="\\t", column_names=names, quoting=3)',
    ),
    Shape(
        "AG News, DBpedia", "folder of CSV, no header: class, title, description; names of classes apart",
        "ag_news_csv", _topics, ("--text", "2,3", "--label", "1"), *_topic_code("ag_news_csv", 3),
    ),
    Shape(
        "Yelp polarity", "folder of CSV, no header: class, text", "yelp_csv", _yelp, (),
        *_topic_code("yelp_csv", 2, False),
    ),
    Shape(
        "Yahoo Answers", "folder of CSV, no header: class, question, its details (often empty), answer", "yahoo_csv",
        _yahoo, ("--text", "2,3,4", "--label", "1"), *_topic_code("yahoo_csv", 4),
    ),
    Shape(
        "Banking77", "train.csv and test.csv with header; a JSON of categories beside them", "banking_data", _banking,
        ("--label", "category"),
        'frames = [pd.read_csv(f"banking_data/{name}.csv") for name in ("train", "test")]\n'
        'texts, labels = (list(pd.concat(frames)[name]) for name in ("text", "category"))',
        'files = {name: f"banking_data/{name}.csv" for name in ("train", "test")}\n'
        'data = load_dataset("csv", data_files=files)',
    ),
    Shape(
        "SST-2 (GLUE)", "train, dev and test.tsv with header; the test's labels kept back", "SST-2", _glue,
        ("--text", "sentence"),
        'frames = [pd.read_csv(f"SST-2/{n}.tsv", sep="\\t", quoting=3) for n in ("train", "dev")]\n'
        'texts, labels = (list(pd.concat(frames)[name]) for name in ("sentence", "label"))',
        'files = {n: f"SST-2/{n}.tsv" for n in ("train", "dev")}\n'
        'data = load_dataset("csv", data_files=files, sep="\\t", quoting=3)',
    ),
    Shape(
        "SemEval-2017 task 4", "folder of TSV, no header: id, label, text with stray quotes", "2017_English_final",
        _semeval, ("--text", "3", "--label", "2"),
        'paths = [f"2017_English_final/twitter-2016{n}-A.txt" for n in ("train", "dev", "test")]\n'
        'frame = pd.concat([pd.read_csv(path, sep="\\t", header=None, quoting=3) for path in paths])\n'
        "texts, labels = list(frame[2]), list(frame[1])",
        'files = {n: f"2017_English_final/twitter-2016{n}-A.txt" for n in ("train", "dev", "test")}\n'
        'names = ["id", "label", "text"]\n'
        'data = load_dataset("csv", data_files=files, sep="\\t", column_names=names, quoting=3)',
    ),
    Shape(
        "Twitter US Airline", "CSV of many columns", "Tweets.csv", _airline, ("--label", "airline_sentiment"),
        'frame = pd.read_csv("Tweets.csv")\ntexts, labels = list(frame["text"]), list(frame["airline_sentiment"])',
        'data = load_dataset("csv", data_files="Tweets.csv")',
    ),
    Shape(
        "Apple Twitter sentiment", "CSV of many columns, latin-1; labels 1, 3, 5 and a word",
        "Apple-Twitter-Sentiment-DFE.csv", _apple, ("--label", "sentiment"),
        'frame = pd.read_csv("Apple-Twitter-Sentiment-DFE.csv", encoding="latin-1")\n'
        'texts, labels = list(frame["text"]), list(frame["sentiment"])',
        'data = load_dataset("csv", data_files="Apple-Twitter-Sentiment-DFE.csv", encoding="latin-1")',
    ),
    Shape(
        "Twitter entity sentiment", "two CSV, no header, some texts empty", "entity", _entity,
        ("--text", "4", "--label", "3"),
        'frames = [pd.read_csv(f"entity/twitter_{n}.csv", header=None) for n in ("training", "validation")]\n'
        "frame = pd.concat(frames).dropna()\ntexts, labels = list(frame[3]), list(frame[2])",
        'files = {n: f"entity/twitter_{n}.csv" for n in ("training", "validation")}\n'
        'data = load_dataset("csv", data_files=files, column_names=["id", "entity", "label", "text"])\n'
        'data = data.filter(lambda row: row["text"] is not None)',
        left_out=1,
    ),
    Shape(
        "Hate speech (Davidson)", "CSV of many columns, the first an index without a name", "labeled_data.csv", _hate,
        ("--text", "tweet", "--label", "class"),
        'frame = pd.read_csv("labeled_data.csv")\ntexts, labels = list(frame["tweet"]), list(frame["class"])',
        'data = load_dataset("csv", data_files="labeled_data.csv")',
    ),
    Shape(
        "Financial PhraseBank", "lines of text@label, latin-1", "Sentences_AllAgree.txt", _phrases,
        ("--delimiter", "@"),
        'lines = open("Sentences_AllAgree.txt", encoding="latin-1").read().splitlines()\n'
        'texts, labels = zip(*(line.rsplit("@", 1) for line in lines))',
        'files, names = "Sentences_AllAgree.txt", ["text", "label"]\n'
        'form = {"sep": "@", "encoding": "latin-1", "quoting": 3}\n'
        'data = load_dataset("csv", data_files=files, column_names=names, **form)',
    ),
    Shape(
        "Amazon Fine Food", "CSV of many columns; scores 1 to 5", "Reviews.csv", _food, ("--label", "Score"),
        'frame = pd.read_csv("Reviews.csv")\ntexts, labels = list(frame["Text"]), list(frame["Score"])',
        'data = load_dataset("csv", data_files="Reviews.csv")',
    ),
    Shape(
        "ChnSentiCorp", "CSV, Chinese: label, review", "ChnSentiCorp_htl_all.csv", _chinese, ("--text", "review"),
        'frame = pd.read_csv("ChnSentiCorp_htl_all.csv")\ntexts, labels = list(frame["review"]), list(frame["label"])',
        'data = load_dataset("csv", data_files="ChnSentiCorp_htl_all.csv")',
    ),
    Shape(
        "a workbook of reviews", "Excel sheet with header", "reviews.xlsx", _workbook,
        ("--text", "review", "--label", "opinion"),
        'frame = pd.read_excel("reviews.xlsx")\ntexts, labels = list(frame["review"]), list(frame["opinion"])',
        'data = Dataset.from_pandas(pd.read_excel("reviews.xlsx"))',
    ),
)  # fmt: skip
