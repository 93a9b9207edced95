"""Parts of the Markdown that `verify-cli --format markdown` prints."""

from __future__ import annotations


def select(markdown: str, titles: tuple[str, ...], drop: tuple[str, ...]) -> str:
    """The tables whose title begins with one of `titles`, in that order.

    `drop` names columns by their title and rows by their first cell that are left out.

    Titles become bold paragraphs, so that they do not mix with the notebook's own headings.
    """
    parts: dict[str, str] = {}
    for part in ("\n" + markdown).split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        parts[title] = body.strip()
    chosen = []
    for wanted in titles:
        found = [title for title in parts if title.startswith(wanted)]
        if not found:
            raise ValueError(f"no section {wanted!r} among {list(parts)}")
        chosen.append(f"**{found[0]}**\n\n{without(parts[found[0]], drop)}")
    return "\n\n".join(chosen)


def without(body: str, drop: tuple[str, ...]) -> str:
    """A Markdown table without the columns of these titles, and rows that begin so; other text stays."""
    lines = body.split("\n")
    header = next((_cells(line) for line in lines if line.startswith("|")), [])
    keep = [index for index, title in enumerate(header) if title not in drop]
    result = []
    for line in lines:
        if not line.startswith("|"):
            result.append(line)
        elif _cells(line)[0] not in drop:
            result.append("| " + " | ".join(_cells(line)[index] for index in keep) + " |")
    return "\n".join(result)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
