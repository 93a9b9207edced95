#!/usr/bin/env python3
"""Plants faults in a copy of the sources, one at a time, and sees whether the tests notice.

A fault is a table in faults.toml: a text that stands once in one file, what to put in its place, and the suites that
should fail; without the fault they must pass. Prints a line for each and exits with 1 if one survives, no longer fits
the sources, does not compile, or has suites that fail anyway.

    Tests/mutants/run.py                    all faults
    Tests/mutants/run.py certificate kink   those whose name contains one of the words
    Tests/mutants/run.py --check            only that every fault fits the sources, in a second
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".build-mutants" / "tree"
# A build, and the chosen suites: those of the longest fault take a minute. What hangs is noticed, too.
BUILD_LIMIT = 900
TEST_LIMIT = 300


@dataclass(frozen=True)
class Fault:
    """One change that a test must notice."""

    name: str
    file: str
    find: str
    replace: str
    suites: str
    guards: str

    def misfit(self) -> str | None:
        """Why the fault does not fit the sources, if it does not."""
        path = ROOT / self.file
        if not path.is_file():
            return f"there is no {self.file}"
        count = path.read_text().count(self.find)
        return None if count == 1 else f"its text stands {count} times in {self.file}"

    def targets(self) -> frozenset[str]:
        """The test targets that hold its suites: `Module.Suite` names its own, a bare suite is looked up."""
        found = set()
        for suite in self.suites.split("|"):
            name = re.split("[./]", suite)[0]
            places = [path for path in (ROOT / "Tests").rglob("*.swift") if re.search(rf"struct \w*{name}\b", path.read_text())]
            folders = {name} if (list((ROOT / "Tests").glob(f"*/{name}")) or name == "VerifyCLITests") else {
                part for path in places for part in path.parts if part.endswith("Tests") and part != "Tests"}
            found |= folders
        return frozenset(found)

    def planted(self) -> str:
        return (ROOT / self.file).read_text().replace(self.find, self.replace)


def swift(*arguments: str, flags: list[str], limit: int = BUILD_LIMIT) -> subprocess.CompletedProcess[str]:
    """Runs it; at the limit it is killed with all that it started, which waits for nobody then."""
    command = ["swift", *arguments, *flags]
    with subprocess.Popen(
        command, cwd=COPY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            output, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            # Tests run in a group of their own, but in the same session.
            subprocess.run(["pkill", "-KILL", "-s", str(process.pid)], check=False)
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


# Appended to the copy's Package.swift: only the wanted test targets, and what they need, are built.
KEEP = """
var kept: Set<String> = [WANTED]
while true {
    let needed = package.targets.filter { kept.contains($0.name) }.flatMap(\\.dependencies).compactMap { dependency in
        switch dependency {
        case .targetItem(let name, _), .byNameItem(let name, _): name
        default: nil
        }
    }
    if kept.isSuperset(of: needed) { break }
    kept.formUnion(needed)
}
package.targets.removeAll { !kept.contains($0.name) }
package.products = []
"""


def keep(targets: frozenset[str], flags: list[str]) -> None:
    """Builds the copy with these test targets alone.

    Raises: SystemExit with the compiler's words.
    """
    wanted = ", ".join(f'"{name}"' for name in sorted(targets))
    (COPY / "Package.swift").write_text((ROOT / "Package.swift").read_text() + KEEP.replace("WANTED", wanted))
    build = swift("build", "--build-tests", flags=flags)
    if build.returncode != 0:
        raise SystemExit(build.stdout + build.stderr)


def copy_sources() -> None:
    """The tracked files as they are in the working tree; what has not changed keeps its date, and its objects."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
    for path in COPY.rglob("*"):
        inside = path.relative_to(COPY)
        if path.is_file() and inside.parts[0] != ".build" and str(inside) not in names:
            path.unlink()
    for name in names:
        source, target = ROOT / name, COPY / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def fails_unplanted(suites: str, flags: list[str]) -> str | None:
    """The first failure of suites without a fault: what fails anyway catches nothing."""
    # The fault before is gone from the sources, and not yet from what was built.
    build = swift("build", "--build-tests", flags=flags)
    if build.returncode != 0:
        raise SystemExit(build.stdout + build.stderr)
    try:
        test = swift("test", "--skip-build", "--filter", suites, flags=flags, limit=TEST_LIMIT)
    except subprocess.TimeoutExpired:
        return f"do not end in {TEST_LIMIT} s"
    return None if test.returncode == 0 else first_failure(test.stdout)


def first_failure(output: str) -> str:
    failed = re.findall(r"Test (\"[^\"]+\"|\S+\(\)) (?:with .*? )?(?:recorded an issue|failed)", output)
    return failed[0] if failed else "the test process ended early"


def verdict(fault: Fault, flags: list[str]) -> tuple[str, str]:
    """`caught`, `survived` or `invalid`, and what says so."""
    target = COPY / fault.file
    original = target.read_text()
    target.write_text(fault.planted())
    try:
        build = swift("build", "--build-tests", flags=flags)
        if build.returncode != 0:
            errors = [line for line in (build.stdout + build.stderr).splitlines() if "error:" in line]
            return "invalid", f"does not compile: {errors[0] if errors else '?'}"
        test = swift("test", "--skip-build", "--filter", fault.suites, flags=flags, limit=TEST_LIMIT)
        ran = re.search(r"Test run with (\d+) tests?", test.stdout)
        if test.returncode == 0:
            return ("survived", f"{ran.group(1)} tests passed") if ran and ran.group(1) != "0" else (
                "invalid", f"no test matches {fault.suites}")
        return "caught", first_failure(test.stdout)
    except subprocess.TimeoutExpired:
        return "caught", f"did not end in {TEST_LIMIT} s"
    finally:
        target.write_text(original)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("words", nargs="*", help="only faults whose name contains one of these")
    parser.add_argument("--check", action="store_true", help="only see that every fault fits the sources")
    parser.add_argument("--flags", default="", help="for swift build and test, e.g. '-c release'")
    options = parser.parse_args()
    with open(Path(__file__).with_name("faults.toml"), "rb") as file:
        faults = [Fault(**table) for table in tomllib.load(file)["fault"]]
    chosen = [f for f in faults if not options.words or any(word in f.name for word in options.words)]
    misfits = [(fault, why) for fault in chosen if (why := fault.misfit())]
    for fault, why in misfits:
        print(f"{fault.name}: {why}", file=sys.stderr)
    if options.check:
        print(f"{len(chosen) - len(misfits)} of {len(chosen)} faults fit the sources")
        return 1 if misfits else 0
    flags = options.flags.split()
    COPY.mkdir(parents=True, exist_ok=True)
    copy_sources()
    counts = {"caught": 0, "survived": 0, "invalid": len(misfits)}
    built: frozenset[str] = frozenset()
    unplanted: dict[str, str | None] = {}
    for fault in sorted(chosen, key=lambda fault: sorted(fault.targets())):
        if fault.misfit():
            continue
        if fault.targets() != built:
            built = fault.targets()
            keep(built, flags)
        began = time.monotonic()
        if fault.suites not in unplanted:
            unplanted[fault.suites] = fails_unplanted(fault.suites, flags)
        failure = unplanted[fault.suites]
        word, why = ("invalid", f"fails without the fault: {failure}") if failure else verdict(fault, flags)
        counts[word] += 1
        print(f"{word:9} {fault.name} ({time.monotonic() - began:.0f} s): {why}", flush=True)
        if word == "survived":
            print(f"          it guards: {fault.guards}", flush=True)
    print(f"{counts['caught']} caught, {counts['survived']} survived, {counts['invalid']} invalid")
    return 0 if counts["caught"] == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
