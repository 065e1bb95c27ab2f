"""The sections of the page on what was measured: figures, confusion, probabilities, slices."""

from html import escape

from sentiment.evaluation.scoreboard import MODEL
from sentiment.evaluation.slices import THRESHOLDS
from sentiment.evaluation.summary import WORDS
from sentiment.report.charts import SHARE_TICKS, Axis, interval_chart, line_chart, reliability_chart, round_ticks
from sentiment.report.facts import Facts, pointer

_BY_CLASS = (("precision", ".4f"), ("recall", ".4f"), ("f1", ".4f"), ("n_texts", ","))
MOST_CURVES = 6  # labels whose precision and recall are drawn


def table(head: list[str], rows: list[list[str]], caption: str = "") -> str:
    """Returns an HTML table; each row's first cell is its heading."""
    top = "".join(f'<th scope="col">{each}</th>' for each in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    told = f"<caption>{caption}</caption>" if caption else ""
    return f'<div class="scroll"><table>{told}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def figure(drawn: str, told: str = "") -> str:
    """Returns a chart with words below it."""
    return f"<figure>{drawn}<figcaption>{told}</figcaption></figure>"


def metric(facts: Facts, place: str, form: str = ".4f") -> str:
    """Returns a metric's value with its interval, if it has one."""
    shown = facts.html(f"{place}/value", form)
    if "interval" not in facts.value(place):
        return shown
    low, high = (facts.html(f"{place}/interval/{end}", form) for end in (0, 1))
    return f'{shown} <span class="interval">{low} to {high}</span>'


def measured(facts: Facts) -> str:
    """Every metric, and the simple ways beside them."""
    rows = [[WORDS[name], metric(facts, f"/figures/metrics/{name}")] for name in facts.value("/figures/metrics")]
    systems = facts.value("/figures/systems")
    others = [
        [
            escape(name),
            metric(facts, f"/figures/systems/{name}/accuracy"),
            metric(facts, f"/figures/systems/{name}/macro_f1"),
            metric(facts, f"/figures/systems/{name}/stripped_accuracy"),
            "" if name == MODEL else facts.html(f"/figures/systems/{name}/p_value", ".2g"),
        ]
        for name in systems
    ]
    dots = [(name, each["accuracy"]["value"], *each["accuracy"]["interval"]) for name, each in systems.items()]
    chart = interval_chart("Accuracy of each system with its 95% interval, as in the table below", "accuracy", dots)
    head = ["on the same texts", "accuracy", "macro-F1", "accuracy without emoticons", "p (McNemar)"]
    return (
        f'<h2>How good</h2><div class="columns">{table(["metric", "value, 95% interval"], rows)}'
        f"{figure(chart, 'Accuracy with 95% intervals')}</div>"
        f"{table(head, others, 'p: how likely by chance alone it is that the two differ on so many texts')}"
    )


def confusion(facts: Facts) -> str:
    """What was taken for what, and each class's figures."""
    names = facts.value("/figures/label_names")
    head = "".join(f'<th scope="col">{verbatim(name)}</th>' for name in names)
    body = ""
    for true, row in enumerate(facts.value("/figures/confusion")):
        total = max(1, sum(row))
        cells = "".join(
            f'<td style="--share:{count / total:.3f}">{facts.html(f"/figures/confusion/{true}/{said}", ",")}</td>'
            for said, count in enumerate(row)
        )
        body += f'<tr><th scope="row">{verbatim(names[true])}</th>{cells}</tr>'
    by_class = [
        [verbatim(name), *(facts.html(pointer("figures", "by_class", name, key), form) for key, form in _BY_CLASS)]
        for name in names
    ]
    return (
        '<h2>What is taken for what</h2><div class="columns"><div class="scroll"><table class="confusion">'
        f"<caption>Rows: the true label. Columns: what was predicted.</caption><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{table(['class', 'precision', 'recall', 'F1', 'texts'], by_class)}</div>"
    )


def probabilities(facts: Facts) -> str:
    """Whether probabilities can be believed, and what thresholds buy."""
    bins = facts.value("/figures/reliability")
    at = "/figures/calibration"
    chart = reliability_chart(
        "Share of right answers against the probability of the predicted label: on the dashed diagonal they agree",
        *(bins[key] for key in ("n_texts", "confidence", "accuracy")),
    )
    where = "in five folds of these texts" if facts.value(f"{at}/fitted_here") else "fitted to other texts"
    rows = [
        [f"ECE with temperature, {where}", facts.html(f"{at}/ece_held_out")],
        ["ECE without temperature", facts.html(f"{at}/ece_before")],
        ["ECE by chance alone, were they the very truth", facts.html(f"{at}/ece_by_chance")],
        ["temperature", facts.html(f"{at}/temperature")],
    ]
    answered = [
        [verbatim(name), *(facts.html(f"{at}/answered/{name}/{key}", ".1%") for key in ("coverage", "precision"))]
        for name, each in facts.value(f"{at}/answered").items()
        if each["precision"] is not None
    ]
    head = ["precision asked for", "answers", "of them right"]
    asked = table(head, answered, "Abstaining below a threshold") if answered else ""
    told = "Each dot is a bin of probabilities, its area the number of texts; below the diagonal: too sure."
    return (
        f'<h2>Can the probabilities be believed?</h2><div class="columns">{figure(chart, told)}'
        f"<div>{table(['error of the probabilities', ''], rows)}{asked}</div></div>"
    )


def thresholds(facts: Facts) -> str:
    """Precision and recall of each label as its threshold rises."""
    across = Axis("threshold on the label's probability", 0.0, 1.0, SHARE_TICKS)
    up = Axis("share", 0.0, 1.0, SHARE_TICKS)
    drawn = []
    for name in facts.value("/figures/label_names")[:MOST_CURVES]:
        curves = facts.value("/figures/by_threshold")[name]
        series = {
            key: [(at, value) for at, value in zip(THRESHOLDS, curves[key], strict=True) if value is not None]
            for key in ("precision", "recall")
        }
        chart = line_chart(f"Precision and recall of {name} against the threshold", across, up, series)
        drawn.append(f"<div><h3>{verbatim(name)}</h3>{figure(chart)}</div>")
    return f'<h2>Precision, recall and the threshold</h2><div class="columns">{"".join(drawn)}</div>'


def slices(facts: Facts) -> str:
    """Accuracy by the texts' length and by the share of unknown tokens."""
    lengths = [
        [_range(facts, f"/figures/by_length/{n}", "d"), facts.html(f"/figures/by_length/{n}/n_texts", ","),
         metric(facts, f"/figures/by_length/{n}/accuracy")]
        for n in range(len(facts.value("/figures/by_length")))
    ]  # fmt: skip
    unknown = [
        [_up_to(facts, f"/figures/by_unknown/{n}"), facts.html(f"/figures/by_unknown/{n}/n_texts", ","),
         metric(facts, f"/figures/by_unknown/{n}/accuracy")]
        for n in range(len(facts.value("/figures/by_unknown")))
    ]  # fmt: skip
    return (
        '<h2>Where it is better, where worse</h2><div class="columns">'
        f"{table(['tokens in the text', 'texts', 'accuracy'], lengths)}"
        f"{table(['of them never seen in training', 'texts', 'accuracy'], unknown)}</div>"
    )


def curves(facts: Facts) -> str:
    """How training went."""
    known = {name: facts.history.get(mode, {}).get(key, []) for name, mode, key in _CURVES}
    losses = {name: known[name] for name in ("train loss", "validation loss") if known[name]}
    if not losses or not known["validation accuracy"]:
        return "<h2>Training</h2><p>The run came without its training folder: there is no history to draw.</p>"
    steps = [step for points in losses.values() for step, _ in points]
    across = Axis("step", 0, max(steps), round_ticks(0, max(steps)))
    top = max(value for points in losses.values() for _, value in points)
    loss = line_chart("Losses by step", across, Axis("cross-entropy", 0, top, round_ticks(0, top)), losses, marked=True)
    right = {"validation accuracy": known["validation accuracy"]}
    low = int(min(value for _, value in right["validation accuracy"]) * 10) / 10
    low = min(low, 0.9)
    up = Axis("accuracy", low, 1.0, round_ticks(low, 1.0))
    accuracy = line_chart("Validation accuracy by step", across, up, right, marked=True)
    return f'<h2>Training</h2><div class="columns">{figure(loss)}{figure(accuracy)}</div>'


_CURVES = (
    ("train loss", "train", "metrics/CrossEntropyLoss"),
    ("validation loss", "eval", "metrics/CrossEntropyLoss"),
    ("validation accuracy", "eval", "metrics/Accuracy"),
)


def verbatim(text: str) -> str:
    """Returns what a corpus or a user wrote, marked as such: digits in it are no numbers of ours."""
    return f'<span class="verbatim">{escape(text)}</span>'


def _up_to(facts: Facts, place: str) -> str:
    return "none" if facts.value(f"{place}/to") == 0 else f"up to {facts.html(f'{place}/to', '.0%')}"


def _range(facts: Facts, place: str, form: str) -> str:
    low, high = (facts.html(f"{place}/{end}", form) for end in ("from", "to"))
    return high if facts.value(f"{place}/from") == facts.value(f"{place}/to") else f"{low} to {high}"
