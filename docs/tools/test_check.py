"""The check of the pages sees each kind of fault, on a small repository of its own."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from check import problems

GOOD = """# Title

See [there](docs/theory.md#t1-first-of-all) and `Sources/Theory/Networks`, `Loss.swift`, `make test`.
"""
THEORY = "# Theory\n\n## 4 Rules\n\n### T1 First of all\n\nText.\n"
RESULT = "# Speed\n\n```sh\nverify-cli bench --quiet\n```\n\n*Stamp: commit abc1234, today, a machine.*\n"
SOURCE = "/// See `docs/theory.md` §4.\n"
PROGRAM = """#!/bin/sh
[ "$1" = --help ] && { printf 'SUBCOMMANDS:\\n  bench     Measure\\n'; exit; }
[ "$1" = bench ] && { echo '  --quiet   Say nothing.'; exit; }
exit 64
"""


class Faults(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = Path(temporary.name)
        self.write("README.md", GOOD)
        self.write("Makefile", "test: a\n")
        self.write("docs/theory.md", THEORY)
        self.write("docs/results/speed.md", RESULT)
        self.write("Sources/Theory/Networks/Loss.swift", SOURCE)
        self.write("program", PROGRAM)
        (self.root / "program").chmod(0o755)

    def write(self, name: str, text: str) -> None:
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def found(self) -> list[str]:
        return list(problems(self.root, self.root / "program"))

    def test_a_sound_repository_has_none(self) -> None:
        self.assertEqual(self.found(), [])

    def test_each_fault_is_one_problem(self) -> None:
        faults = [
            ("docs/theory.md#t1-first-of-all", "docs/nowhere.md", "leads nowhere"),
            ("#t1-first-of-all", "#t2", "no such heading"),
            ("`Sources/Theory/Networks`", "`Sources/Networks`", "there is no Sources/Networks"),
            ("`Loss.swift`", "`Lost.swift`", "there is no file Lost.swift"),
            ("`make test`", "`make tea`", "no target 'tea'"),
            ("`make test`", "`verify-cli brench`", "no subcommand 'brench'"),
            ("`make test`", "`verify-cli bench --quite`", "no option --quite"),
            ("# Title", "/work/somewhere", "says '/work/somewhere'"),
            ("# Title", "line\n" * 260, "at most 250"),
        ]
        for old, new, words in faults:
            with self.subTest(new[:40]):
                self.assertIn(old, GOOD)
                self.write("README.md", GOOD.replace(old, new))
                found = self.found()
                self.assertEqual(len(found), 1, found)
                self.assertIn(words, found[0])

    def test_a_result_without_command_or_stamp(self) -> None:
        for text in (RESULT.replace("*Stamp", "Stamp"), RESULT.replace("```sh", "```text")):
            self.write("docs/results/speed.md", text)
            self.assertTrue(any("neither runs it nor has a stamp" in problem for problem in self.found()))

    def test_what_sources_cite(self) -> None:
        for old, new, words in [
            ("theory.md", "theories.md", "there is no docs/theories.md"), ("§4", "§9", "no §9"),
            ("`docs/theory.md`", "theory", "without docs/theory.md"),
        ]:
            self.write("Sources/Theory/Networks/Loss.swift", SOURCE.replace(old, new))
            found = self.found()
            self.assertEqual(len(found), 1, found)
            self.assertIn(words, found[0])

    def test_the_table_of_modules(self) -> None:
        rows = "| `LinearAlgebra` | matrices |\n| `Networks` | networks |\n"
        manifest = 'module("LinearAlgebra", on: "Theory"),\nmodule(\n    "Networks", on: "Theory", imports: ["LinearAlgebra", real]),\n'
        self.write("Sources/Theory/LinearAlgebra/Matrix.swift", "")
        self.write("Package.swift", manifest)
        self.write("docs/architecture.md", rows)
        self.assertEqual(self.found(), [])
        for old, new, words in [
            ("| `Networks` | networks |", "", "does not name the module Networks"),
            ("| networks |", "| networks |\n| `Nets` | nets |", "names Nets, which is no module"),
            (rows, "\n".join(reversed(rows.splitlines())), "Networks imports LinearAlgebra, which stands below it"),
        ]:
            self.write("docs/architecture.md", rows.replace(old, new))
            self.assertEqual([problem.partition(": ")[2] for problem in self.found()], [words])

    def test_articles_name_what_is_public(self) -> None:
        self.write("Sources/Theory/Networks/Loss.swift", SOURCE + "public enum Loss {}\nstruct Hidden {}\n")
        self.write("Sources/Theory/Networks/Networks.docc/Networks.md", "# ``Networks``\n\n- ``Loss``\n- ``Loss/total(_:)``\n")
        self.assertEqual(self.found(), [])
        self.write("Sources/Theory/Networks/Networks.docc/Networks.md", "- ``Hidden``\n")
        self.assertEqual(len(self.found()), 1)

    def test_documented_parameters(self) -> None:
        good = (
            "/// Sums.\n///\n/// - Parameters:\n///   - values: what is\n///     summed.\n///   - body: `-> Int`.\n@inlinable\n"
            "public static func sum<S: Sequence<Int>>(\n    of values: [S: Int] = [:], _ body: (Int, Int) -> Int\n) {}\n"
            "/// - Parameter one: first.\n/// - Parameter two: second.\npublic init(one: Int, two: [Int] = [1, 2]) {}\n"
            "/// Nothing of `x`.\npublic func f(x: Int) {}\n/// - Parameter x: alone.\nfunc inner(x: Int, y: Int) {}\n")
        self.write("Sources/Theory/Networks/Sum.swift", good)
        self.assertEqual(self.found(), [])
        for old, new in [
            ("///   - body: `-> Int`.\n", ""), ("/// - Parameter two: second.\n", ""), ("Parameter one", "Parameter three"),
            ("///   - values: what", "///   - of: what"),
        ]:
            self.write("Sources/Theory/Networks/Sum.swift", good.replace(old, new))
            found = self.found()
            self.assertEqual(len(found), 1, found)
            self.assertIn("documents", found[0])

    def test_fences_are_no_prose(self) -> None:
        self.write("README.md", GOOD + "\n```swift\nlet x = f[1](`a/b.swift`) // `Gone.swift`\n```\n")
        self.assertEqual(self.found(), [])


if __name__ == "__main__":
    unittest.main()
