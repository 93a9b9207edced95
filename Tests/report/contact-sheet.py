"""Every chart of a report on one page, for a look at all of them at once: contact-sheet.py REPORT > SHEET.

Writes the number of charts to standard error. The charts keep the page's style, so they are light or dark as it is."""

import re
import sys
from pathlib import Path

page = Path(sys.argv[1]).read_text(encoding="utf-8")
charts = re.findall(r"<figure>.*?</figure>", page, re.S)
style = re.search(r"<style>.*?</style>", page, re.S)
if not charts or not style:
    sys.exit(f"Error: {sys.argv[1]} has no charts.")
print(f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>charts</title>
{style[0]}
<style>
body{{max-width:none;padding:8px}}
main{{display:grid;grid-template-columns:repeat(3,1fr);gap:8px}}
figure{{margin:0;border:1px solid var(--line)}}
figure .scroll{{margin:0;overflow:hidden}}
figure svg{{min-width:0!important;max-width:none!important}}
</style>
<main>{''.join(charts)}</main></html>""")
print(len(charts), file=sys.stderr)
