"""Words with boxes, lines and rectangles from pypdfium2, the fast engine."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from ddextract.reading.shapes import ASKEW, RawPage, Rule, Word

GARBAGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff]")
PIECE = re.compile(r"[^\s\ufffe\x02\u200b\ufeff]+[\ufffe\x02]?")
BULLETS = dict.fromkeys(map(ord, "\uf0b7\uf0a7\uf0d8\uf0a8\uf076\uf0fc\uf02d\uf0be\uf06e\uf071\uf0e0\u25aa\u25cf\u25a0\u2023\u2043\u2219"), "•")
CLEAN = BULLETS | {
    **dict(zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)),
    **dict.fromkeys((0xAD, 0x200C, 0x200D), ""),
    **dict.fromkeys((0x2010, 0x2011), "-"),
    # Control characters are punctuation of Windows whose font names no encoding: quotation marks, apostrophes and dashes of old files.
    **{code: bytes((code,)).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x85, 0x8D, 0x8F, 0x90, 0x9D)},
}
"""What characters of words become: ligatures expanded, soft hyphens and joiners dropped, hyphens, bullets and quotation marks of one kind."""
MAX_OBJECTS = 20_000
"""Page objects looked at for lines and boxes; a page with more is a drawing."""
MAX_SEGMENTS = 4_000


def clean(text: str) -> str:
    """Return the characters of a word in NFC, ligatures expanded, soft hyphens and zero-width marks dropped."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(CLEAN))


def _quick(function: Any, result: Any) -> Any:
    """Return a function of the engine without conversion of its arguments: they are asked several times a word, and conversion costs more than the answer."""
    return ctypes.PYFUNCTYPE(result)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_text_object, _is_generated = _quick(raw.FPDFText_GetTextObject, ctypes.c_size_t), _quick(raw.FPDFText_IsGenerated, ctypes.c_int)
_char_box, _char_origin = _quick(raw.FPDFText_GetCharBox, None), _quick(raw.FPDFText_GetCharOrigin, None)
_object_font = _quick(raw.FPDFTextObj_GetFont, ctypes.c_size_t)
SKEW = 0.1
"""Slope from which text is set askew: beyond what a crooked scan shows."""
_render_mode = _quick(raw.FPDFTextObj_GetTextRenderMode, ctypes.c_int)
CHUNK = 64
"""Characters asked for at once where the text of a page and its indexes differ."""
Style = tuple[float, bool, int]
"""Size in points as drawn, bold, and quarter turns anticlockwise."""


class _Styles:
    """Size, weight and direction of the text objects of a page, asked once each."""

    def __init__(self, textpage: Any) -> None:
        self.textpage = textpage
        self.address = ctypes.c_void_p(ctypes.cast(textpage, ctypes.c_void_p).value)
        self.known: dict[int, Style] = {}
        self.fonts: dict[int, bool] = {}
        self.matrix = raw.FS_MATRIX()
        self.flags = ctypes.c_int()
        self.name = ctypes.create_string_buffer(128)

    def at(self, index: int) -> Style:
        """Return the style of a character."""
        key = _text_object(self.address, index)
        style = self.known.get(key)
        if style is None:
            style = self._ask(index, key)
            if key:
                self.known[key] = style
        return style

    def _ask(self, index: int, key: int) -> Style:
        size = raw.FPDFText_GetFontSize(self.textpage, index)
        turn = 0
        if raw.FPDFText_GetMatrix(self.textpage, index, self.matrix):
            m = self.matrix
            a, b, c, d = m.a, m.b, m.c, m.d
            size *= (c * c + d * d) ** 0.5 or 1.0
            if min(abs(a), abs(b)) > SKEW * max(abs(a), abs(b)):
                turn = ASKEW
            elif abs(b) > abs(a):
                turn = 1 if b > 0 else 3
            elif a < 0:
                turn = 2
        font = _object_font(ctypes.c_void_p(key)) if key else 0
        if key and _render_mode(ctypes.c_void_p(key)) == raw.FPDF_TEXTRENDERMODE_FILL_STROKE:
            return (abs(size), True, turn)  # a face made bold by an outline of its own
        bold = self.fonts.get(font)
        if bold is None:
            bold = self._bold(index)
            if font:
                self.fonts[font] = bold
        return (abs(size), bold, turn)

    def _bold(self, index: int) -> bool:
        length = raw.FPDFText_GetFontInfo(self.textpage, index, self.name, 128, self.flags)
        font = self.name.value.decode("utf-8", "replace").lower() if 0 < length <= 128 else ""
        bold = any(mark in font for mark in ("bold", "black", "heavy", "semibold", "demi", "-bd")) or bool(self.flags.value & 0x40000)
        return bold or (not font and raw.FPDFText_GetFontWeight(self.textpage, index) >= 600)


def _text(textpage: Any, count: int) -> str:
    """Return the text with exactly one character per character index of the engine."""

    def stretch(begin: int, n: int) -> str:
        written = raw.FPDFText_GetText(textpage, begin, n, buffer)
        return ctypes.string_at(buffer, 2 * max(written - 1, 0)).decode("utf-16-le", "replace")

    buffer = (ctypes.c_ushort * (count + 1))()
    text = stretch(0, count)
    if len(text) == count:
        return text
    # The engine leaves out characters without Unicode and splits astral ones: ask for each, where some are, so that the indexes hold.
    parts = []
    for begin in range(0, count, CHUNK):
        n = min(CHUNK, count - begin)
        part = stretch(begin, n)
        # A stretch that begins or ends with one that is left out is filled up from beyond it.
        if len(part) != n or any(raw.FPDFText_GetUnicode(textpage, begin + i) != ord(part[i]) for i in (0, n - 1)):
            codes = [raw.FPDFText_GetUnicode(textpage, i) for i in range(begin, begin + n)]
            part = "".join([chr(u) if 0 < u < 0x110000 and not 0xD800 <= u < 0xE000 else "\ufffd" for u in codes])
        parts.append(part)
    return "".join(parts)


def _projection(page: Any, rotation: int) -> tuple[Callable[[float, float], tuple[float, float]], float, float]:
    """Return the map from the page's own coordinates to points from the top left as displayed, with width and height."""
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    if rotation == 90:
        return (lambda x, y: (y - bottom, x - left)), height, width
    if rotation == 180:
        return (lambda x, y: (right - x, y - bottom)), width, height
    if rotation == 270:
        return (lambda x, y: (top - y, right - x)), height, width
    return (lambda x, y: (x - left, top - y)), width, height


def read_page(pdf: Any, index: int, *, label: str | None = None, most: int = 300_000) -> RawPage:
    """Return the words, lines and rectangles of a page.

    Args:
        pdf: An open ``pypdfium2.PdfDocument``.
        index: Page, from 0.
        label: Page label of the file, where it has one.
        most: Characters above which a page is left out.

    Raises:
        pypdfium2.PdfiumError: The page cannot be loaded.
    """
    page = pdf[index]
    try:
        rotation = page.get_rotation()
        project, width, height = _projection(page, rotation)
        result = RawPage(index + 1, label, width, height, engine="pypdfium2")
        textpage = page.get_textpage()
        try:
            count = raw.FPDFText_CountChars(textpage.raw)
            if count > most:
                result.problems.append(f"{count} characters, more than the limit of {most}: left out")
            else:
                _read_words(textpage.raw, count, result, project, rotation // 90)
        finally:
            textpage.close()
        _read_rules(page.raw, result, project)
        return result
    finally:
        page.close()


def _read_words(textpage: Any, count: int, page: RawPage, project: Callable[[float, float], tuple[float, float]], turns: int) -> None:  # noqa: PLR0915 - one pass over the page, thousands of times: calls cost more than length
    if count <= 0:
        return
    text = _text(textpage, count)
    styles = _Styles(textpage)
    known, style_at, address = styles.known, styles.at, styles.address
    left, right, bottom, top, ox, oy = (ctypes.c_double() for _ in range(6))
    to_left, to_right, to_bottom, to_top, to_x, to_y = (ctypes.byref(v) for v in (left, right, bottom, top, ox, oy))
    by_turn: dict[int, list[Word]] = {}
    previous_end, previous = -1, None
    origin = project(0.0, 0.0)
    upright = not turns
    shift_x, shift_y = -origin[0], origin[1]
    plain: list[Word] = by_turn.setdefault(0, [])

    def add(start: int, end: int, hyphen: str, glued: bool, style: Style) -> Word | None:
        size, bold, turn = style
        cleaned = text[start:end]
        if not cleaned.isascii() and not (cleaned := clean(cleaned)):
            return None
        shown = (turn - turns) % 4 if turn != ASKEW else ASKEW
        _char_origin(address, start, to_x, to_y)
        _char_box(address, start, to_left, to_right, to_bottom, to_top)
        if upright and shown == 0:
            # The usual case, without the detours of turned pages.
            x0, x1, y = left.value, right.value, shift_y - oy.value
            if end - start > 1:
                _char_box(address, end - 1, to_left, to_right, to_bottom, to_top)
                x = right.value
                x1 = max(x1, x)
            word = Word(cleaned, x0 - shift_x, y - 0.76 * size, x1 - shift_x, y + 0.22 * size, y, size, bold, start, hyphen, False, glued)
            plain.append(word)
            return word
        x, y = project(ox.value, oy.value)
        a = project(left.value, top.value)
        b = project(right.value, bottom.value)
        _char_box(address, end - 1, to_left, to_right, to_bottom, to_top)
        c = project(left.value, top.value)
        d = project(right.value, bottom.value)
        xs, ys = (a[0], b[0], c[0], d[0]), (a[1], b[1], c[1], d[1])
        wide, high = page.width, page.height
        if shown == ASKEW:
            word = Word(cleaned, min(xs), min(ys), max(xs), max(ys), max(ys), size, bold, start, hyphen, False, glued)
            by_turn.setdefault(shown, []).append(word)
            return word
        if shown == 0:
            x0, x1, base = min(xs), max(xs), y
        elif shown == 2:
            x0, x1, base = wide - max(xs), wide - min(xs), high - y
        elif shown == 1:  # reads upwards: turn the page clockwise
            x0, x1, base = high - max(ys), high - min(ys), x
        else:  # reads downwards
            x0, x1, base = min(ys), max(ys), wide - x
        word = Word(cleaned, x0, base - 0.76 * size, x1, base + 0.22 * size, base, size, bold, start, hyphen, False, glued)
        by_turn.setdefault(shown, []).append(word)
        return word

    for match in PIECE.finditer(text):
        start, end = match.span()
        hyphen = ""
        final = text[end - 1]
        if final in "\ufffe\x02":
            end -= 1
            hyphen = "-"
            if end == start:
                continue
            final = text[end - 1]
        elif final == "\u00ad" and end - start > 1:
            hyphen = "\u00ad"
        style = known.get(_text_object(address, start)) or style_at(start)
        # Only a number or sign at a word's end (or a number that begins it) can be a call in a size of its own.
        last = style_at(end - 1) if end - start > 1 and (not final.isalpha() or text[start].isdigit()) else style
        if last is not style and abs(last[0] - style[0]) > 0.12 * style[0] and last[2] == style[2]:
            # A raised number at its end (or start): a part of its own.
            cut = start + 1
            while cut < end and abs(style_at(cut)[0] - style[0]) <= 0.12 * style[0]:
                cut += 1
            previous = add(start, cut, "", False, style) or previous
            previous = add(cut, end, hyphen, True, last) or previous
        else:
            word = add(start, end, hyphen, False, style)
            if word is None:
                continue
            # A space that the engine made up is kept only where there is room for one.
            if (
                previous_end == start - 1
                and previous is not None
                and -0.3 * word.size < word.x0 - previous.x1 < 0.06 * word.size
                and abs(word.base - previous.base) < 1
            ):
                word.glued = bool(_is_generated(address, start - 1))
            previous = word
        previous_end = end
    if not plain:
        del by_turn[0]
    page.garbage = sum([c != "\x02" and ord(c) not in CLEAN for c in GARBAGE.findall(text)])
    _choose_direction(by_turn, page)


def _choose_direction(by_turn: dict[int, list[Word]], page: RawPage) -> None:
    """Give the page its words: those of the direction in which most text runs, the others set aside, the unseen left out."""
    if not by_turn:
        return
    letters = {turn: sum([len(w.text) for w in found]) for turn, found in by_turn.items()}
    page.characters = sum(letters.values())
    main = page.turned = max((turn for turn in letters if turn != ASKEW), key=lambda turn: letters[turn], default=0)
    by_turn.setdefault(main, [])
    wide, high = (page.width, page.height) if main % 2 == 0 else (page.height, page.width)
    page.words = [w for w in by_turn[main] if w.x1 > -2 and w.x0 < wide + 2 and -2 < w.base < high + 12]
    unseen = len(by_turn[main]) - len(page.words)
    if unseen:
        page.problems.append(f"{unseen} words stand outside the page and cannot be seen: left out")
    aside = page.characters - letters.get(main, 0)
    if aside:
        page.problems.append(f"{aside} characters run in another direction")
        _set_aside(by_turn, main, page)


def _set_aside(by_turn: dict[int, list[Word]], main: int, page: RawPage) -> None:
    """Keep words that run in another direction as boxes in the layout of the main one."""
    for turn, words in by_turn.items():
        if turn == main:
            continue
        for w in words:
            box = w.x0, w.top, w.x1, w.bottom
            if turn != ASKEW:
                box = turn_box(box, -turn, page.width, page.height)
            w.x0, w.top, w.x1, w.bottom = turn_box(box, main, page.width, page.height)
            w.base = w.bottom
        page.aside[turn] = words


def turn_box(box: tuple[float, float, float, float], turns: int, width: float, height: float) -> tuple[float, float, float, float]:
    """Return a box after turning a page of the given displayed size: positive from displayed to upright text, negative back."""
    x0, top, x1, bottom = box
    turns_mod = turns % 4
    if turns >= 0:
        if turns_mod == 1:
            return height - bottom, x0, height - top, x1
        if turns_mod == 2:
            return width - x1, height - bottom, width - x0, height - top
        if turns_mod == 3:
            return top, width - x1, bottom, width - x0
        return box
    back = (-turns) % 4
    if back == 1:
        return top, height - x1, bottom, height - x0
    if back == 2:
        return width - x1, height - bottom, width - x0, height - top
    if back == 3:
        return width - bottom, x0, width - top, x1
    return box


def _read_rules(page: Any, result: RawPage, project: Callable[[float, float], tuple[float, float]]) -> None:
    """Collect lines and rectangles, and the share of the page under images."""
    area = max(result.width * result.height, 1.0)
    bounds = [ctypes.c_float() for _ in range(4)]
    count = min(raw.FPDFPage_CountObjects(page), MAX_OBJECTS)
    for i in range(count):
        obj = raw.FPDFPage_GetObject(page, i)
        kind = raw.FPDFPageObj_GetType(obj)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            continue
        if kind == raw.FPDF_PAGEOBJ_FORM:
            _read_form(obj, result, project)
            continue
        if not raw.FPDFPageObj_GetBounds(obj, *bounds):
            continue
        a, b = project(bounds[0].value, bounds[3].value), project(bounds[2].value, bounds[1].value)
        box = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            result.images = min(1.0, result.images + (box[2] - box[0]) * (box[3] - box[1]) / area)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            _read_path(obj, box, result, project)
    if result.turned:
        for rule in result.rules:
            rule.x0, rule.top, rule.x1, rule.bottom = turn_box((rule.x0, rule.top, rule.x1, rule.bottom), result.turned, result.width, result.height)


def _read_path(obj: Any, box: tuple[float, float, float, float], result: RawPage, project: Callable[[float, float], tuple[float, float]]) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(obj, fill, stroke)
    if fill.value and not stroke.value:
        r, g, b, alpha = (ctypes.c_uint() for _ in range(4))
        if raw.FPDFPageObj_GetFillColor(obj, r, g, b, alpha) and (alpha.value == 0 or min(r.value, g.value, b.value) >= 254):
            return
    elif not fill.value and not stroke.value:
        return
    segments = raw.FPDFPath_CountSegments(obj)
    if segments <= 6 or segments > MAX_SEGMENTS:
        result.rules.append(Rule(*box, filled=bool(fill.value)))
        return
    # A path of many parts, such as a grid drawn at once: its straight lines one by one.
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(obj, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    last: tuple[float, float] | None = None
    found = []
    for i in range(segments):
        segment = raw.FPDFPath_GetPathSegment(obj, i)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = project(matrix.a * x.value + matrix.c * y.value + matrix.e, matrix.b * x.value + matrix.d * y.value + matrix.f)
        if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_LINETO and last is not None and (abs(here[0] - last[0]) < 1 or abs(here[1] - last[1]) < 1):
            found.append(Rule(min(last[0], here[0]), min(last[1], here[1]), max(last[0], here[0]), max(last[1], here[1])))
        last = here
    curves = len(found) < segments / 4
    result.rules.extend([Rule(*box, filled=bool(fill.value))] if curves else found)


def _read_form(obj: Any, result: RawPage, project: Callable[[float, float], tuple[float, float]]) -> None:
    """Collect the lines and rectangles of a form, one level deep."""
    matrix = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(obj, matrix)

    def through(x: float, y: float) -> tuple[float, float]:
        return project(matrix.a * x + matrix.c * y + matrix.e, matrix.b * x + matrix.d * y + matrix.f)

    bounds = [ctypes.c_float() for _ in range(4)]
    for i in range(min(raw.FPDFFormObj_CountObjects(obj), 2000)):
        inner = raw.FPDFFormObj_GetObject(obj, i)
        kind = raw.FPDFPageObj_GetType(inner)
        if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE) or not raw.FPDFPageObj_GetBounds(inner, *bounds):
            continue
        a, b = through(bounds[0].value, bounds[3].value), through(bounds[2].value, bounds[1].value)
        box = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        if kind == raw.FPDF_PAGEOBJ_PATH:
            _read_path(inner, box, result, through)
        else:
            result.images = min(1.0, result.images + (box[2] - box[0]) * (box[3] - box[1]) / max(result.width * result.height, 1.0))


def open_pdf(path: str, password: str | None) -> Any:
    """Open a PDF; raises ``pypdfium2.PdfiumError``."""
    return pdfium.PdfDocument(path, password=password)
