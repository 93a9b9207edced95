"""What must be true of a report and an interactive chart in a browser: judge.py LIGHT DARK LOG PAGE CHART DRAWN FITS.

LIGHT and DARK are what Chromium made of probe.html, LOG what it said meanwhile, PAGE the report; CHART is a
page of `--chart FILE.html`, DRAWN what Chromium made of it, and FITS what the probe found in it."""

import html
import json
import re
import sys
from pathlib import Path

light, dark, log, page, chart, drawn, fits = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
failures: list[str] = []


def expect(is_true: bool, words: str) -> None:
    if not is_true:
        failures.append(words)


def results(dump: str) -> list[dict]:
    found = re.search(r'<pre id="result">(.+?)</pre>', dump, re.S)
    if not found:
        sys.exit("Error: the probe wrote no result; did Chromium load the page?")
    return json.loads(html.unescape(found[1]))


for mode, background, dump in [("light", "rgb(255, 255, 255)", light), ("dark", "rgb(20, 24, 31)", dark)]:
    for found in results(dump):
        place = f"{mode}, {found['width']} px"
        expect(found["scrollWidth"] <= found["width"], f"{place}: scrolls sideways to {found['scrollWidth']}")
        for list_name in ["overflowing", "coveredChartTexts", "outsideChartTexts", "lostColumns"]:
            expect(not found[list_name], f"{place}: {list_name}: {found[list_name][:5]}")
        for count in ["emptyTables", "flatFormulas", "rawFormulas", "unnamedCharts", "brokenAnchors"]:
            expect(found[count] == 0, f"{place}: {count} = {found[count]}")
        expect(found["tables"] >= 10, f"{place}: {found['tables']} tables")
        expect(found["formulas"] >= 40, f"{place}: {found['formulas']} formulas")
        expect(found["charts"] >= 7, f"{place}: {found['charts']} charts")
        for part, least in [("studies", 7), ("trainingCharts", 10), ("folded", 3)]:
            expect(found[part] >= least, f"{place}: {found[part]} {part}")
        expect(found["background"] == background, f"{place}: background {found['background']}")
        expect(found["chartBackgrounds"] == [background], f"{place}: charts on {found['chartBackgrounds']}")
        expect(found["worstContrast"] >= 4.5, f"{place}: a text has contrast {found['worstContrast']:.2f}")

console = [line for line in log.splitlines() if "CONSOLE" in line]
expect(not console, f"console: {console[:3]}")
# The probe's own script is the only one: text and tables are there without any.
expect("<script" not in page.lower(), "the report has a script")
loads = re.findall(r'(?:src|@import|url\()\s*=?\s*["\']?([^"\')\s>]+)', page)
expect(not loads, f"the report loads {loads[:3]}")


# The interactive chart draws itself, and has its values as a table without any script.
expect('<svg' in drawn and 'role="graphics-document"' in drawn, "the interactive chart drew nothing")
for word in ["bp", "il-exact (0)", "slope 1 (T6, T9)", "learning rate α"]:
    expect(f">{word}</text>" in drawn, f"the interactive chart does not show “{word}”")
for found in results(fits):
    place = f"interactive chart, {found['width']} px"
    expect(found["scrollWidth"] <= found["width"], f"{place}: scrolls sideways to {found['scrollWidth']}")
    expect(found["drawnTexts"] >= 10, f"{place}: drew {found['drawnTexts']} texts")
    expect(not found["cutTexts"], f"{place}: out of sight: {found['cutTexts'][:5]}")
static = chart.split("<script")[0]
expect(static.count("<tr>") > 20, "the interactive chart has no table of its values")
fetched = re.findall(r"""<(?:script|link|img|iframe)[^>]*\b(?:src|href)\s*=""", static)
expect(not fetched, f"the interactive chart loads {fetched[:3]}")

for failure in failures:
    print(f"Error: {failure}", file=sys.stderr)
if failures:
    sys.exit(1)
print(f"report: {len(results(light))} widths, light and dark, and an interactive chart: ok")
