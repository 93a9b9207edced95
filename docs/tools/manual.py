#!/usr/bin/env python3
"""The manual page of the program, from its own help: manual.py PROGRAM > verify-cli.1

The program says what it takes as JSON (`--experimental-dump-help`), so the page cannot say anything else than the help.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

Help = dict[str, Any]


def escaped(text: str) -> str:
    """The text as roff: no character is a request or an escape, and hyphens can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.MULTILINE)


def paragraphs(text: str) -> Iterator[str]:
    """Prose is filled; what has indented lines, and examples, stay as they are."""
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        lines = part.splitlines()
        is_literal = any(line.startswith((" ", "verify-cli ", "tensors = ")) for line in lines)
        yield f".PP\n.nf\n{escaped(part)}\n.fi" if is_literal else f".PP\n{escaped(' '.join(lines))}"


def argument(found: Help) -> str:
    """One option or argument with what it means, its values and its default."""
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in found.get("names", [])]
    value = f" \\fI{escaped(found['valueName'])}\\fR" if found["kind"] != "flag" else ""
    head = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names) + value
    words = [found.get("abstract", ""), found.get("discussion", "")]
    if found.get("allValues"):
        words.append("Values: " + ", ".join(found["allValues"]) + ".")
    if "defaultValue" in found and "default:" not in words[0]:
        words.append(f"Default: {found['defaultValue']}.")
    return f".TP\n{head.strip()}\n{escaped(' '.join(word for word in words if word))}"


def sections(command: Help, path: list[str]) -> Iterator[str]:
    """A command with its options, then its subcommands."""
    if len(path) > 1:
        yield f".SH {escaped(' '.join(path[1:]).upper())}\n{escaped(command.get('abstract', ''))}"
    yield from paragraphs(command.get("discussion", ""))
    shown = [found for found in command.get("arguments", []) if found["shouldDisplay"]]
    groups: dict[str, list[Help]] = {}
    for found in shown:
        title = "Arguments" if found["kind"] == "positional" else found.get("sectionTitle", "Options")
        groups.setdefault(title, []).append(found)
    for title in sorted(groups, key=lambda title: (title != "Arguments", title == "Options")):
        yield f".SS {escaped(title)}"
        yield from map(argument, groups[title])
    for subcommand in command.get("subcommands", []):
        if subcommand["shouldDisplay"] and subcommand["commandName"] != "help":
            yield from sections(subcommand, [*path, subcommand["commandName"]])


def page(program: str) -> str:
    def says(*arguments: str) -> str:
        return subprocess.run([program, *arguments], capture_output=True, text=True, check=True, timeout=60).stdout

    command = json.loads(says("--experimental-dump-help"))["command"]
    name = command["commandName"]
    parts = [
        f'.TH {name.upper()} 1 "" "{name} {says("--version").strip()}"\n.nh\n.ad l',
        f".SH NAME\n{escaped(name)} \\- {escaped(command['abstract'].rstrip('.'))}",
        f".SH SYNOPSIS\n\\fB{escaped(name)}\\fR \\fIsubcommand\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION",
        *sections(command, [name]),
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"Error: expected the program, found {len(sys.argv) - 1} arguments. Usage: manual.py PROGRAM")
    sys.stdout.write(page(sys.argv[1]))
