#!/usr/bin/env python3
"""Whether the pages of the repository agree with what is in it.

    docs/tools/check.py                 links, anchors, paths, make targets, stamps, documented parameters, the README's length
    docs/tools/check.py --program PATH  also every `verify-cli` command: its subcommand and options exist

Prints one line for each problem, and exits with 1 if there is any.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README_LINES = 250
#: First folders of a path in back-ticks.
PLACES = "Sources|Tests|Proofs|docs|notebooks-md|Python|Benchmarks"
#: Endings by which a name in back-ticks is a file of the repository; `x.svg` or `case.safetensors` is the reader's own.
CODE = "swift|v|py"


def pages(root: Path) -> list[Path]:
    """All Markdown pages and articles, but for what tools fetched or built."""
    return sorted(
        page for page in root.rglob("*.md")
        if not any(part.startswith(".") or part == "build" for part in page.relative_to(root).parts[:-1]))


def problems(root: Path, program: Path | None = None) -> Iterator[str]:
    names = {path.name for top in PLACES.split("|") if (root / top).exists() for path in (root / top).rglob("*.*")}
    names |= {path.name for path in root.glob("*.*")}
    targets = make_targets(root)
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        place = page.relative_to(root)
        prose = re.sub(r"^( *)```.*?^ *```$", "", text, flags=re.M | re.S)
        yield from (f"{place}: {problem}" for problem in links(prose, page, root))
        yield from (f"{place}: {problem}" for problem in paths(prose, root, names))
        yield from (
            f"{place}: there is no target {target!r} in the Makefile"
            for target in re.findall(r"`make ([a-z-]+)", prose) if target not in targets)
        if place.parts[0] == "docs" or str(place) == "README.md":
            yield from (f"{place}: says {word!r}" for word in re.findall(r"(?<![\w.~])/(?:work|tmp|root|home)/\S*", text))
        if program is not None and place.parts[0] != "notebooks-md":
            yield from (f"{place}: {problem}" for problem in commands(text, program))
    for page in sorted((root / "docs/results").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if page.name != "README.md" and ("```sh\n" not in text or not re.search(r"\[\[\[cog |^\*Stamp: commit|docs/results/make", text, re.M)):
            yield f"{page.relative_to(root)}: names no command, or neither runs it nor has a stamp"
    for source in sorted(path for top in ("Sources", "Tests") for path in (root / top).rglob("*.swift")):
        yield from (f"{source.relative_to(root)}: {problem}" for problem in citations(source, root))
    for source in sorted((root / "Sources").rglob("*.swift")):
        yield from (f"{source.relative_to(root)}: {problem}" for problem in parameters(source))
    for catalogue in sorted((root / "Sources").glob("*/*/*.docc")):
        yield from articles(catalogue, root)
    yield from (f"docs/architecture.md: {problem}" for problem in house(root))
    length = len((root / "README.md").read_text(encoding="utf-8").splitlines())
    if length > README_LINES:
        yield f"README.md: {length} lines; at most {README_LINES}"


def links(prose: str, page: Path, root: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        goal = page.parent / file if file else page
        if not goal.exists():
            yield f"the link {target} leads nowhere"
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal):
            yield f"the link {target}: no such heading"


def citations(source: Path, root: Path) -> Iterator[str]:
    """What comments cite: pages of `docs` that exist, the theory by its page, and its sections."""
    text = source.read_text(encoding="utf-8")
    yield from (f"there is no {page}" for page in re.findall(r"docs/[\w./-]+\.md", text) if not (root / page).exists())
    yield from ("cites a section of the theory without docs/theory.md" for _ in re.findall(r"(?<!docs/)theory(?:\.md)?`? §", text))
    theory = root / "docs/theory.md"
    sections = re.findall(r"^## (\d+) ", theory.read_text(encoding="utf-8"), re.M) if theory.exists() else []
    yield from (
        f"there is no §{section} in docs/theory.md"
        for section in re.findall(r"docs/theory\.md`? §(\d+)", text) if section not in sections)


#: A documentation comment, attributes, and a public function or initialiser up to its parameters.
DOCUMENTED = re.compile(
    r"((?:^ *///.*\n)+)(?:^ *@.*\n)*^[^\n/]*\bpublic\b[^\n/]*\b(?:func|init|subscript)\b[^(\n]*\(", re.M)


def parameters(source: Path) -> Iterator[str]:
    """What documents one parameter documents all, as DocC demands: `make docs` takes minutes to say so."""
    text = source.read_text(encoding="utf-8")
    for match in DOCUMENTED.finditer(text):
        described = set(re.findall(r"/// *- Parameter (\w+):", match[1]))
        listed = re.search(r"/// *- Parameters:\n((?:^ *///   .*\n)+)", match[1], re.M)
        if listed:
            described |= set(re.findall(r"/// {3,}- (\w+):", listed[1]))
        names = set(parameter_names(text[match.end():]))
        if described and described != names:
            line = text.count("\n", 0, match.end()) + 1
            yield f"line {line}: documents {', '.join(sorted(described))}, and has {', '.join(sorted(names))}"


def parameter_names(text: str) -> Iterator[str]:
    """The inner names of the parameters in the list that `text` begins with, after its bracket."""
    depth, parameter = 0, ""
    for character in text.replace("->", ""):
        if character in ")]}>" and depth == 0 or character == "," and depth == 0:
            words = [word for word in parameter.split(":")[0].split() if not word.startswith("@")]
            if words:
                yield words[-1]
            if character != ",":
                return
            parameter = ""
            continue
        depth += (character in "([{<") - (character in ")]}>")
        parameter += character


def articles(catalogue: Path, root: Path) -> Iterator[str]:
    """The symbols that a module's articles name are public symbols of that module."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in sorted(catalogue.parent.rglob("*.swift")))
    kinds = "struct|enum|class|actor|protocol|typealias|func|let|var"
    symbols = {catalogue.stem, *re.findall(rf"public (?:static |final |indirect )*(?:{kinds}) (\w+)", sources)}
    for article in sorted(catalogue.glob("*.md")):
        for symbol in re.findall(r"(?<!`)``(\w[^`\n]*)``(?!`)", article.read_text(encoding="utf-8")):
            if re.split(r"[/(]", symbol)[0] not in symbols:
                yield f"{article.relative_to(root)}: {catalogue.stem} has no public {symbol}"


def house(root: Path) -> Iterator[str]:
    """The table of modules names every module once, below all that `Package.swift` lets it import."""
    page, manifest = root / "docs/architecture.md", root / "Package.swift"
    if not page.exists() or not manifest.exists():
        return
    table = re.findall(r"^\| `(\w[\w-]*)` \|", page.read_text(encoding="utf-8").partition("\n\n`Package")[0], re.M)
    folders = {path.name for path in (root / "Sources").glob("*/*") if path.is_dir()}
    if (root / "Sources/verify-cli").exists():
        folders -= {path.name for path in (root / "Sources/verify-cli").iterdir()}
    yield from (f"does not name the module {module}" for module in sorted(folders - set(table)))
    yield from (f"names {module}, which is no module" for module in table if module not in folders)
    for module, imports in re.findall(
            r'module\(\s*"(\w+)", on: "\w+"(?:,\s*imports: \[([^\]]*)\])?', manifest.read_text(encoding="utf-8")):
        for other in re.findall(r'"(\w+)"', imports):
            if module in table and other in table and table.index(other) > table.index(module):
                yield f"{module} imports {other}, which stands below it"


@cache
def anchors(page: Path) -> frozenset[str]:
    """The headings of a page as GitHub names them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.M))


def paths(prose: str, root: Path, names: set[str]) -> Iterator[str]:
    """Back-ticked words that look like files: paths from the top, and names of source files."""
    for word in re.findall(r"`([^`\n]+)`", prose):
        word = re.sub(r":\d+$", "", word)
        if re.fullmatch(rf"(?:{PLACES})/[\w./+-]*", word):
            if not (root / word).exists():
                yield f"there is no {word}"
        elif re.fullmatch(rf"[\w+-]+\.(?:{CODE})", word) and word not in names:
            yield f"there is no file {word}"


def make_targets(root: Path) -> set[str]:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.M))


def commands(text: str, program: Path) -> Iterator[str]:
    """`verify-cli` in fences and back-ticks: the subcommand is known, and so are its options."""
    fences = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.M | re.S)
    lines = [line for fence in fences for line in re.sub(r"\\\n", " ", fence).splitlines()]
    lines += re.findall(r"`(verify-cli [^`\n]+)`", text)
    for line in lines:
        for call in re.findall(r"(?:^|[\s;(])verify-cli ([^|;&<>]*)", line.partition(" #")[0]):
            words = shlex.split(call.replace("'", "").replace('"', ""))
            names: list[str] = []
            while words and re.fullmatch(r"[a-z]+", words[0]) and len(names) < 2:
                if names and names[0] != "results":
                    break
                names.append(words.pop(0))
            if not names:
                continue
            text_of_help = help_page(program, tuple(names))
            if text_of_help is None:
                yield f"there is no subcommand {' '.join(names)!r}"
                continue
            for option in {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}:
                if not re.search(rf"(?<![\w-]){option}(?![\w-])", text_of_help):
                    yield f"verify-cli {' '.join(names)} has no option {option}"


@cache
def help_page(program: Path, names: tuple[str, ...]) -> str | None:
    done = subprocess.run([str(program), *names, "--help"], capture_output=True, text=True, check=False)
    top = subprocess.run([str(program), "--help"], capture_output=True, text=True, check=False).stdout
    return done.stdout if re.search(rf"^  {names[0]} ", top, re.M) and done.returncode == 0 else None


def main() -> int:
    arguments = sys.argv[1:]
    if arguments and (arguments[0] != "--program" or len(arguments) != 2):
        print("Error: expected nothing, or --program PATH", file=sys.stderr)
        return 64
    found = list(problems(ROOT, Path(arguments[1]).resolve() if arguments else None))
    print("\n".join(found) or f"{len(pages(ROOT))} pages: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
