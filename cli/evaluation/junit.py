"""An evaluation as JUnit XML: a test case for each demand and for each measure compared."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from memctl.cli.evaluation.verdict import Verdict, chance

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(verdict: Verdict) -> str:
    """Return the XML; without a demand and a baseline, each measure is a case that passes."""
    suite = ET.Element("testsuite", name=_clean(f"memctl eval {verdict.name}"))
    _gates(suite, verdict)
    _regressions(suite, verdict)
    if len(suite) == 0:
        for name, total in verdict.report.totals().items():
            case = _case(suite, name)
            _said(case, f"{total.value:.6f}")
    failures = sum(case.find("failure") is not None for case in suite)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _gates(suite: ET.Element, verdict: Verdict) -> None:
    for each in verdict.checked:
        case = _case(suite, str(each.gate))
        _said(case, f"{each.value:.6f}")
        if not each.met:
            _fail(case, f"{each.gate.measure} is {each.value:.4f}")


def _regressions(suite: ET.Element, verdict: Verdict) -> None:
    if verdict.comparison is None:
        return
    for each in verdict.comparison.measures:
        case = _case(suite, f"{each.measure} is not worse than the baseline")
        found = each.difference
        _said(case, f"{found.old:.6f} before, {found.new:.6f} now")
        if each.verdict == "worse" and verdict.strict:
            lost = [
                f"{change.id}: {change.question}\n    {'; '.join(change.reasons)}"
                for change in verdict.changes
                if change.measure == each.measure
            ]
            said = f"{found.old:.4f} before, {found.new:.4f} now (p {chance(found.p_lower)})"
            _fail(case, said, "\n".join(lost))


def _case(suite: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname="memctl.eval", name=_clean(name))


def _said(case: ET.Element, text: str) -> None:
    ET.SubElement(case, "system-out").text = _clean(text)


def _fail(case: ET.Element, message: str, text: str = "") -> None:
    failure = ET.SubElement(case, "failure", message=_clean(message), type="gate")
    failure.text = _clean(text)


def _clean(text: str) -> str:
    """Return ``text`` without what XML cannot hold."""
    return _NOT_XML.sub("�", text)
