"""The manual page holds what a program says of itself, and nothing in it is a request of roff."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

from manual import page

HELP = {
    "command": {
        "abstract": "Does things.", "commandName": "tool", "shouldDisplay": True, "arguments": [],
        "discussion": ".so /etc/passwd is no request.\n\nverify-cli go \\\\\n    --fast",
        "subcommands": [
            {"abstract": "Hidden.", "commandName": "secret", "shouldDisplay": False},
            {
                "abstract": "Goes.", "commandName": "go", "shouldDisplay": True,
                "arguments": [
                    {
                        "abstract": "How fast.", "allValues": ["slow", "quick"], "defaultValue": "slow", "kind": "option",
                        "names": [{"kind": "long", "name": "pace"}], "shouldDisplay": True, "valueName": "pace",
                    },
                    {"abstract": "Where.", "kind": "positional", "shouldDisplay": True, "valueName": "PLACE"},
                ],
            },
        ],
    }
}


class Manual(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        program = Path(temporary.name) / "tool"
        (Path(temporary.name) / "help.json").write_text(json.dumps(HELP), encoding="utf-8")
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo 1.2.3 || cat {temporary.name}/help.json\n', encoding="utf-8")
        program.chmod(0o755)
        self.page = page(str(program))

    def test_everything_shown_is_there(self) -> None:
        for words in ['"tool 1.2.3"', ".SH GO", "\\fB\\-\\-pace\\fR \\fIpace\\fR", "Values: slow, quick. Default: slow."]:
            self.assertIn(words, self.page)
        self.assertLess(self.page.index(".SS Arguments"), self.page.index(".SS Options"))
        self.assertNotIn("secret", self.page.lower())

    def test_text_is_no_request(self) -> None:
        self.assertIn("\\&.so /etc/passwd", self.page)
        self.assertIn("    \\-\\-fast\n.fi", self.page)
        self.assertIn("go \\e", self.page)


if __name__ == "__main__":
    unittest.main()
