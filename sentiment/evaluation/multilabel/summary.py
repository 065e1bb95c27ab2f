"""The figures of an evaluation as lines of text."""

from sentiment.evaluation.words import MODEL, WORDS, difference_in_words, in_words

_COLUMNS = ("macro_f1", "micro_f1", "subset_accuracy")


def lines(figures: dict) -> list[str]:
    """Returns what `make eval` prints of the figures (`scoreboard.figures`)."""
    a_text = figures["labels_a_text"]
    told = [f"corpus         {figures['corpus']}, {figures['split']}: {figures['n_texts']:,} texts"]
    told += [f"note           {note}" for note in figures["notes"]]
    told += [f"labels a text  {a_text['true']:.2f}, of which the model gives {a_text['given']:.2f}"]
    told += [f"{WORDS[name]:14} {in_words(metric)}" for name, metric in figures["metrics"].items()]
    decisions = figures["calibration"]["decisions"]
    told += ["", f"{'label':20} precision  recall      F1   texts   given from"]
    for name, row in figures["by_class"].items():
        scores = f"{row['precision']:9.4f} {row['recall']:7.4f} {row['f1']:7.4f} {row['n_texts']:7,}"
        least = f"{decisions[name]['threshold']:.3f}" if name in decisions else "never"
        told.append(f"{name:20} {scores}   {least}")
    told += ["", *_calibration(figures["calibration"])]
    return [*told, "", *_systems(figures["systems"])]


def _calibration(found: dict) -> list[str]:
    where = "in five folds of these texts" if found["fitted_here"] else "fitted to others"
    told = [
        f"calibration    ECE {found['ece_held_out']:.4f}, {where}; {found['ece_before']:.4f} without; "
        f"{found['ece_by_chance']:.4f} by chance, of probabilities that are exactly right"
    ]
    if found["fitted_here"]:
        told.append(
            f"thresholds     macro-F1 {found['macro_f1_held_out']:.4f}, micro-F1 {found['micro_f1_held_out']:.4f} with "
            "those of the other four folds"
        )
    for precision, each in found["answered"].items():
        if each["precision"] is not None:
            told.append(
                f"--precision {precision:4}  finds {each['found']:.4f} of the labels; {each['precision']:.4f} of those "
                "given are right"
            )
    return told


def _systems(systems: dict) -> list[str]:
    heads = " ".join(f"{WORDS[name]:27}" for name in _COLUMNS)
    told = [f"{'on the same texts':48} {heads} this model's lead in macro-F1"]
    for name, row in systems.items():
        columns = [f"{in_words(row[key]):27}" for key in _COLUMNS]
        if name != MODEL:
            lead = row["model_minus_this"]["macro_f1"]
            columns.append(difference_in_words(lead["value"], lead["interval"]))
        told.append(f"{name:48} {' '.join(columns)}".rstrip())
    return told
