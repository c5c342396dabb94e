"""How a report is shown, and the words that all formats share."""

from collections.abc import Iterator
from typing import NamedTuple

from schema_check.advice import advice_on
from schema_check.check import Report
from schema_check.manifests import AppVersion
from schema_check.verdicts import ChangeFinding, Effect, Verdict

TITLES = {
    Verdict.BREAKS: "Breaks shipped apps",
    Verdict.EARLY: "Goes before the day that was promised",
    Verdict.RISKY: "Dangerous, and shipped apps are affected",
    Verdict.APPROVED: "Approved",
    Verdict.UNUSED: "Breaking, and no live operation uses it",
    Verdict.QUIET: "Dangerous, and no live operation is affected",
    Verdict.SAFE: "Safe",
}
WORDS = {
    Verdict.BREAKS: "breaking for shipped apps",
    Verdict.EARLY: "too early",
    Verdict.RISKY: "dangerous for shipped apps",
    Verdict.APPROVED: "approved",
    Verdict.UNUSED: "breaking for nobody",
    Verdict.QUIET: "dangerous for nobody",
    Verdict.SAFE: "safe",
}
SHOWN_CHANGES = 50
SHOWN_OPERATIONS = 10


class Style(NamedTuple):
    """How to show a report."""

    path: str = "schema.graphql"
    """The file that lines are of."""
    colour: bool = False
    short: bool = True
    """Whether to leave out what goes beyond a screen or a comment."""
    whole: str | None = None
    """Where all of it is, when it was shortened."""


class EffectGroup(NamedTuple):
    """Operations of one version of an app to which a change does the same."""

    app: str
    effect: str
    names: list[str]
    why: str


def groups(finding: ChangeFinding) -> list[EffectGroup]:
    made: dict[tuple[str, str, str], EffectGroup] = {}
    for effect in sorted(finding.effects, key=_effect_order):
        app = f"{effect.operation.app.app} {effect.operation.app.version}"
        group = made.setdefault((app, effect.effect, effect.why), EffectGroup(app, effect.effect, [], effect.why))
        group.names.append(name_of(effect))
    return list(made.values())


def _effect_order(effect: Effect) -> tuple[bool, AppVersion, str]:
    return effect.effect != "broken", effect.operation.app, name_of(effect)


def name_of(effect: Effect) -> str:
    return effect.operation.name or "(without a name)"


def names(group: EffectGroup, *, short: bool) -> str:
    shown = group.names[:SHOWN_OPERATIONS] if short else group.names
    more = len(group.names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def notes(report: Report, finding: ChangeFinding) -> Iterator[tuple[str, str]]:
    """What else there is to say of a finding, each with a word before it."""
    change, passes = finding.change, finding.verdict in (Verdict.QUIET, Verdict.SAFE, Verdict.UNUSED)
    if finding.verdict in (Verdict.BREAKS, Verdict.RISKY) and not finding.effects:
        yield "used", "It is taken to be used, since nothing is known of what apps send."
    if finding.verdict is Verdict.EARLY:
        yield "promised", f"Its deprecation says that it is there until {finding.promised}."
    if change.coordinate in report.renames:
        yield "renamed?", f"It looks like {report.renames[change.coordinate]}. Keep both until nobody uses the old one."
    if finding.approval:
        yield "approved", f"until {finding.approval.expires}: {finding.approval.reason}"
    elif not passes:
        if advice_on(change).instead:
            yield "instead", advice_on(change).instead
        yield "safe", safe_words(finding)


def safe_words(finding: ChangeFinding) -> str:
    if finding.safe_from:
        return f"from {finding.safe_from}, if nobody uses it until then"
    return "not known when: --usage says when each operation was last seen"


def sentence(report: Report, finding: ChangeFinding) -> str:
    """A finding in one paragraph, for formats that have but one text."""
    told = [finding.change.message]
    told += [f"{group.app}: {names(group, short=True)} {group.effect} ({group.why})." for group in groups(finding)]
    told += [f"{word.capitalize()}: {said.rstrip('.')}." for word, said in notes(report, finding)]
    return " ".join(told)


def summary(report: Report) -> str:
    counts = dict.fromkeys(Verdict, 0)
    for finding in report.findings:
        counts[finding.verdict] += 1
    invalid = len(report.errors)
    errors = sum(found.setting == "error" for found in report.lint)
    told = [f"{count} {WORDS[verdict]}" for verdict, count in counts.items() if count] or ["no changes"]
    told += [f"{counted(invalid, 'operation')} invalid before this change"] if invalid else []
    told += [f"{errors} against the rules"] if errors else []
    told += [f"{len(report.lint) - errors} warnings of rules"] if len(report.lint) > errors else []
    return f"{'Failed' if report.exit else 'Passed'}: {', '.join(told)}."


def live_words(report: Report) -> str:
    verb = "counts" if report.operations == 1 else "count"
    live = f"{counted(report.operations, 'operation')} of {counted(report.versions, 'app version')} {verb} as live."
    if not report.read.files:
        return live
    return f"Read {counted(report.read.operations, 'operation')} in {counted(report.read.files, 'file')}; {live}"


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
