"""Marks of markdown and HTML inside text: taken off, what they mean kept."""

from __future__ import annotations

import html
import re
import unicodedata

FRONT_MATTER = re.compile(r"\A\s*(?:---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*\n|\+\+\+[ \t]*\n.*?\n\+\+\+[ \t]*\n)", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>", re.S | re.I)
CALL = re.compile(r"<sup[^>]*>\s*(?:<a[^>]*>)?\s*[\[(]?(?:\d{1,3}|[*†‡]+)[\])]?\s*(?:</a>)?\s*</sup>", re.I)
MARK_CALL = re.compile(r"\[\^[^\]\s]+\](?!:)")
BREAK = re.compile(r"<br\s*/?>", re.I)
BLOCK_TAG = re.compile(r"</?(?:p|div|li|ul|ol|h[1-6]|tr|table|section|article|blockquote)\b[^>]*>", re.I)
TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}?/?>")
IMAGE = re.compile(r"!\[[^\]]*\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
LINK = re.compile(r"\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)", re.S)
WIDE_LINK = re.compile(r"\[([^\[\]]+)\]\s*\(\s*(?:https?://|mailto:|/|#)[^)]*\)", re.S)
STRONG = re.compile(r"(\*\*\*|\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.S)
EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]*(?:\n[^*\n]+)*?)(?<=[^\s*])\*(?![\w*])|(?<![\w\\])_(?=[^\s_])([^_]+?)(?<=[^\s_])_(?!\w)")
ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


def decode(data: bytes) -> tuple[str, str | None]:
    """Return the text of a file in NFC with plain line ends, and a word on its encoding if it was not UTF-8."""
    problem = None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text, problem = data.decode("cp1252", "replace"), "not UTF-8; read as Windows-1252"
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", text), problem


def without_front_matter(text: str) -> tuple[str, dict[str, str]]:
    """Return a text without its YAML or TOML front matter, and the plain ``key: value`` lines of that."""
    found = FRONT_MATTER.match(text)
    if not found:
        return text, {}
    values = {}
    for line in found.group().splitlines():
        key = re.match(r"(title|author|date|publication_date|source|language)\s*[:=]\s*(.+)", line.strip())
        if key:
            values[key[1].strip()] = key[2].strip().strip("'\"")
    return text[found.end() :], values


def strip_marks(text: str, *, markdown: bool) -> str:
    """Return text without tags and emphasis; block structure (``#``, ``-``, ``|``, blank lines) stays."""
    text = COMMENT.sub("", text)
    if "<" in text:
        text = SCRIPT.sub("", text)
        text = CALL.sub("", text)
        text = BREAK.sub("\n", text)
        text = BLOCK_TAG.sub("\n\n", text)
        text = TAG.sub("", text)
    if "&" in text:
        text = html.unescape(text)
    if markdown:
        text = IMAGE.sub("", text)
        text = LINK.sub(r"\1", text)
        text = WIDE_LINK.sub(r"\1", text)
        text = MARK_CALL.sub("", text)
        text = CODE.sub(r"\1", text)
        text = STRONG.sub(r"\2", text)
        text = EMPHASIS.sub(lambda m: m[1] or m[2], text)
        text = ESCAPE.sub(r"\1", text)
    return INVISIBLE.sub("", text)
