"""The figures of an evaluation as lines of text."""

from sentiment.evaluation.comparison import Comparison
from sentiment.evaluation.multilabel import summary as multilabel
from sentiment.evaluation.words import MODEL, WORDS, difference_in_words, in_words

_FEW_CLASSES = 5


def lines(figures: dict) -> list[str]:
    """Returns what `make eval` prints of the figures (`scoreboard.figures`)."""
    if figures.get("task") == "multilabel":
        return multilabel.lines(figures)
    told = [f"corpus         {figures['corpus']}, {figures['split']}: {figures['n_texts']:,} texts"]
    told += [f"note           {note}" for note in figures["notes"]]
    told += [f"{WORDS[name]:14} {in_words(metric)}" for name, metric in figures["metrics"].items()]
    told += ["", "class           precision  recall      F1   texts   predicted as"]
    for name, row in figures["by_class"].items():
        predicted = ", ".join(f"{n:,} {other}" for other, n in _most_predicted(figures, name))
        scores = f"{row['precision']:9.4f} {row['recall']:7.4f} {row['f1']:7.4f} {row['n_texts']:7,}"
        told.append(f"{name:15} {scores}   {predicted}")
    told += ["", *_calibration(figures["calibration"])]
    return [*told, "", *_systems(figures["systems"])]


def comparison_lines(names: tuple[str, str], compared: Comparison) -> list[str]:
    """Returns what is printed of a comparison of two runs."""
    first, second = names
    told = [f"first          {first}", f"second         {second}"]
    for name, difference in compared.differences.items():
        told.append(f"{WORDS[name]:14} first minus second {difference_in_words(*difference)}")
    told.append(
        f"McNemar        {compared.only_first:,} texts only the first has right, {compared.only_second:,} only the "
        f"second: p = {compared.p_value:.2g}"
    )
    return told


def _most_predicted(figures: dict, name: str) -> list[tuple[str, int]]:
    """Returns as what the texts of a class were predicted, with the counts; of many classes the most frequent."""
    names, confusion = figures["label_names"], figures["confusion"]
    if confusion is None:
        return []
    counts = list(zip(names, confusion[names.index(name)], strict=True))
    if len(counts) <= _FEW_CLASSES:
        return counts
    return sorted((each for each in counts if each[1]), key=lambda each: -each[1])[:_FEW_CLASSES]


def _calibration(found: dict) -> list[str]:
    where = "in five folds of these texts" if found["fitted_here"] else "which was fitted to others"
    told = [
        f"calibration    ECE {found['ece_held_out']:.4f} with temperature, {where}; {found['ece_before']:.4f} without; "
        f"{found['ece_by_chance']:.4f} by chance, of probabilities that are exactly right",
    ]
    for precision, each in found["answered"].items():
        if each["precision"] is not None:
            share, right = each["coverage"], each["precision"]
            told.append(f"--precision {precision:4}  answers {share:.4f} of the texts, {right:.4f} of them rightly")
    return told


def _systems(systems: dict) -> list[str]:
    told = [f"{'on the same texts':29} {'accuracy':27} {'macro-F1':27} {'without emoticons':27} this model's lead"]
    for name, row in systems.items():
        columns = [f"{in_words(row[key]):27}" for key in ("accuracy", "macro_f1", "stripped_accuracy")]
        if name != MODEL:
            lead = row["model_minus_this"]["accuracy"]
            columns.append(f"{difference_in_words(lead['value'], lead['interval'])}, p = {row['p_value']:.2g}")
        told.append(f"{name:29} {' '.join(columns)}".rstrip())
    return told
