"""The notebooks' tools: what counts as the same, which fence runs, and that a stale output fails."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from sections import select, without
from stable import same

HERE = Path(__file__).resolve().parent


class SameOutput(unittest.TestCase):
    def test_last_digits_and_spaces_do_not_matter(self) -> None:
        self.assertTrue(same("a 1.23 b", "a  1.24 b"))
        self.assertTrue(same("| 1.0e3 |\n| ---: |", "| 1.01e3 |\n| ------: |"))
        self.assertTrue(same("residual 2.1e-11", "residual 9.7e-13"))
        self.assertTrue(same("9.0 [8.0, 12]", "9.0 [8.0, 13]"))

    def test_anything_else_does(self) -> None:
        self.assertFalse(same("a 1.23 b", "a 1.26 b"))
        self.assertFalse(same("a 1.23 b", "a 1.23 c"))
        self.assertFalse(same("a 1.23", "a -1.23"))
        self.assertFalse(same("4 of 4", "3 of 4"))
        self.assertFalse(same("1.2 and 3.4", "1.2"))
        self.assertFalse(same("residual 2.1e-11", "residual 2.1e-8"))
        self.assertFalse(same("T12 holds", "T13 holds"))
        self.assertFalse(same("5 [4.0, 6.0] of 20", "5 [4.0, 6.0] of 21"))


class Sections(unittest.TestCase):
    TEXT = "# Title\n\n## First table (x)\n\n| a | ms |\n| --- | ---: |\n| 1 | 2 |\n\n- note\n\n## Second\n\ntext\n"

    def test_one_table_without_a_column(self) -> None:
        self.assertEqual(
            select(self.TEXT, ("First",), ("ms",)),
            "**First table (x)**\n\n| a |\n| --- |\n| 1 |\n\n- note")

    def test_rows_by_their_first_cell(self) -> None:
        table = "| a | b |\n|---|---|\n| ms | 1 |\n| s | 2 |"
        self.assertEqual(without(table, ("ms",)), "| a | b |\n| --- | --- |\n| s | 2 |")

    def test_columns_that_are_not_there_change_nothing(self) -> None:
        self.assertEqual(without("| a |\n| --- |\ntext", ("ms",)), "| a |\n| --- |\ntext")

    def test_a_section_that_is_not_there_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "no section 'Third'"):
            select(self.TEXT, ("Third",), ())


class Notebooks(unittest.TestCase):
    """`notebooks-md/run` from outside, on small notebooks and a program that is a shell script."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        program = self.folder / "verify-cli"
        program.write_text("#!/bin/sh\necho 'distance 0.123'\n")
        program.chmod(0o755)
        self.environment = os.environ | {"VERIFY_CLI": str(program), "PYTHON": sys.executable}

    def notebook(self, output: str, language: str = "sh", code: str = "verify-cli", call: str = "sh") -> Path:
        path = self.folder / "notebook.md"
        path.write_text(
            f"# Title\n\n```{language}\n{code}\n```\n\n<!-- [[[cog {call}() ]]] -->\n\n"
            f"```text\n{output}\n```\n\n<!-- [[[end]]] -->\n")
        return path

    def run_it(self, notebook: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(HERE.parent / "run"), *options, str(notebook)], env=self.environment,
            capture_output=True, text=True, check=False)


class Run(Notebooks):
    def test_the_same_output_passes(self) -> None:
        for output in ("distance 0.123", "distance 0.124"):
            done = self.run_it(self.notebook(output))
            self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def test_a_stale_output_fails_and_is_replaced_on_request(self) -> None:
        notebook = self.notebook("distance 0.456")
        self.assertEqual(self.run_it(notebook).returncode, 1)
        self.assertEqual(self.run_it(notebook, "--write").returncode, 0)
        self.assertIn("distance 0.123", notebook.read_text())
        self.assertEqual(self.run_it(notebook).returncode, 0)

    def test_output_within_the_tolerance_is_not_rewritten(self) -> None:
        notebook = self.notebook("distance 0.124")
        before = notebook.read_text()
        self.assertEqual(self.run_it(notebook, "--write").returncode, 0)
        self.assertEqual(notebook.read_text(), before)

    def test_code_that_fails_fails(self) -> None:
        self.assertEqual(self.run_it(self.notebook("distance 0.123", code="verify-cli; false")).returncode, 1)
        self.assertEqual(
            self.run_it(self.notebook("1", "python", "print(1)\nassert False", "python")).returncode, 1)

    def test_python_prints(self) -> None:
        done = self.run_it(self.notebook("2", "python", "x = 1\nprint(x + 1)", "python"))
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)

    def test_the_wrong_fence_fails(self) -> None:
        done = self.run_it(self.notebook("2", "python", "print(2)", "sh"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected a fence of sh", done.stderr + done.stdout)

    def test_a_notebook_without_code_or_none_at_all_fails(self) -> None:
        path = self.folder / "empty.md"
        path.write_text("# Nothing\n")
        self.assertNotEqual(self.run_it(path).returncode, 0)
        self.assertEqual(self.run_it(Path("--write")).returncode, 64)


class Figures(Notebooks):
    """A figure must be committed and have the labels that its command draws now."""

    CODE = "verify-cli; echo \"<svg xmlns='http://www.w3.org/2000/svg'><text>{}</text></svg>\" > figures/probe.svg"

    def setUp(self) -> None:
        super().setUp()
        self.place = self.folder / "figures" / "probe.svg"

    def test_a_figure_is_written_compared_and_replaced(self) -> None:
        notebook = self.notebook("distance 0.123", code=self.CODE.format("alpha 0.10"))
        self.assertEqual(self.run_it(notebook).returncode, 1, "it is not committed")
        self.assertEqual(self.run_it(notebook, "--write").returncode, 0)
        self.assertIn("alpha 0.10", self.place.read_text())
        self.assertEqual(self.run_it(notebook).returncode, 0)
        other = self.notebook("distance 0.123", code=self.CODE.format("beta 0.10"))
        self.assertEqual(self.run_it(other).returncode, 1, "its labels differ")


if __name__ == "__main__":
    unittest.main()
