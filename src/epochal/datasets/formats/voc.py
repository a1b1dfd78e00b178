"""Pascal VOC: one XML text per image.

Source: the VOC2012 development kit, section 8.2. Boxes are taken as they stand, as continuous pixel edges: the kit
counts pixels from 1, but most tools that write this format count from 0, and the half pixel between is not known.
"""

import math
import posixpath
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from epochal.datasets.formats.record import as_angle, box_around_turned, plain_number

_EXPECTED = "expected a Pascal VOC text with <annotation>"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_COMMA = re.compile(r"^\s*(-?\d+),(\d+)\s*$")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


class VocObject(NamedTuple):
    """One object.

    Attributes:
        number: its place in the text, from 1.
        class_name: as written, without blanks around it.
        box_xyxy: pixels; NaN where the text has no number.
        from_polygon: the box is drawn around a polygon, as there is no other.
        has_box: False when it has neither.
        from_rotated: the box is drawn around one that is turned.
        with_comma: a corner was written with a comma for the decimal point.
    """

    number: int
    class_name: str
    box_xyxy: tuple[float, float, float, float]
    from_polygon: bool = False
    has_box: bool = True
    from_rotated: bool = False
    with_comma: bool = False


class VocAnnotation(NamedTuple):
    """What one XML text says.

    Attributes:
        filename: as written, "" when nothing is.
        image_wh: pixels; (0, 0) when not given.
        objects: in the order of the text.
    """

    filename: str
    image_wh: tuple[int, int]
    objects: tuple[VocObject, ...]


def parse_voc(text: str) -> VocAnnotation | None:
    """Read a VOC text.

    Returns:
        None when it is another kind of XML.

    Raises:
        ValueError: it is no XML, or XML with entities, which are refused because they can be made to explode.
    """
    regular = _parse_regular(text)
    if regular is not None:
        return regular
    root = parse_xml(text)
    if root.tag != "annotation" or (root.find("object") is None and root.find("size") is None):
        return None
    filename = _text(root, "filename") or posixpath.basename(_text(root, "path").replace("\\", "/"))
    wh = (_number(_text(root, "size/width")), _number(_text(root, "size/height")))
    image_wh = (int(wh[0]), int(wh[1])) if all(math.isfinite(v) and v > 0 for v in wh) else (0, 0)
    objects = (_objects(element, number) for number, element in enumerate(root.iterfind("object"), 1))
    return VocAnnotation(filename, image_wh, tuple(chain.from_iterable(objects)))


# What most tools write: every object with a name, perhaps marks such as <difficult>, and four corners in any order.
_MARKS = r"\s*(?:<(?:pose|truncated|difficult|occluded)>[^<&]*</\w+>\s*)*"
_REGULAR_OBJECT = re.compile(
    rf"<object>\s*<name>([^<&]*)</name>{_MARKS}<bndbox>"
    + r"\s*<(\w+)>([^<&]*)</\w+>" * 4
    + rf"\s*</bndbox>{_MARKS}</object>"
)
_REGULAR_HEAD = re.compile(
    r"<annotation[^<>]*>(?:\s*<folder>[^<&]*</folder>)?\s*<filename>([^<&]*)</filename>.*?"
    r"<size>\s*<width>(\d+)</width>\s*<height>(\d+)</height>",
    re.DOTALL,
)


def _parse_regular(text: str) -> VocAnnotation | None:
    """Read a text that keeps to what most tools write, in half the time; None for any other."""
    head = _REGULAR_HEAD.search(text)
    if head is None or "<!" in text or not text.rstrip().endswith("</annotation>"):
        return None
    found = _REGULAR_OBJECT.findall(text)
    if len(found) != text.count("<object"):
        return None
    objects = []
    for number, (name, tag0, text0, tag1, text1, tag2, text2, tag3, text3) in enumerate(found, 1):
        corner = {tag0: text0, tag1: text1, tag2: text2, tag3: text3}
        try:
            box = (float(corner["xmin"]), float(corner["ymin"]), float(corner["xmax"]), float(corner["ymax"]))
        except (KeyError, ValueError):
            return None
        objects.append(VocObject(number, name.strip(), box))
    wh = (int(head[2]), int(head[3]))
    return VocAnnotation(head[1].strip(), wh if all(wh) else (0, 0), tuple(objects))


def parse_xml(text: str) -> ElementTree.Element:
    """Read XML from a stranger.

    Raises:
        ValueError: it is no XML, or it declares entities.
    """
    try:
        if "<!" in text and ("<!DOCTYPE" in text or "<!ENTITY" in text):
            root: ElementTree.Element = defusedxml.ElementTree.fromstring(text)
            return root
        # Without a document type there are no entities, so the fast parser of the standard library is safe.
        return ElementTree.fromstring(_DECLARATION.sub("", text, count=1).lstrip("\ufeff \t\r\n"))
    except ElementTree.ParseError as error:
        # what hand-written tools forget: control letters that XML cannot hold, and & that is no entity
        mended = re.sub(r"&(?!#?\w+;)", "&amp;", xml_text(text))
        if mended != text:
            return parse_xml(mended)
        raise ValueError(f"line {error.position[0]} is no XML ({error})") from None
    except DefusedXmlException as error:
        raise ValueError(f"its XML declares entities, which are refused ({error})") from None


def xml_text(text: str) -> str:
    """A text without the letters that XML 1.0 cannot hold."""
    return re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def format_voc(annotation: VocAnnotation, *, depth: int = 3) -> str:
    """Write a VOC text; corners keep their fractions where they have some."""
    root = ElementTree.Element("annotation")
    ElementTree.SubElement(root, "filename").text = xml_text(annotation.filename)
    size = ElementTree.SubElement(root, "size")
    for tag, number in zip(("width", "height", "depth"), (*annotation.image_wh, depth), strict=True):
        ElementTree.SubElement(size, tag).text = str(number)
    ElementTree.SubElement(root, "segmented").text = "0"
    for item in annotation.objects:
        element = ElementTree.SubElement(root, "object")
        for tag, value in (
            ("name", xml_text(item.class_name)),
            ("pose", "Unspecified"),
            ("truncated", "0"),
            ("difficult", "0"),
        ):
            ElementTree.SubElement(element, tag).text = value
        box = ElementTree.SubElement(element, "bndbox")
        for tag, corner in zip(_CORNERS, item.box_xyxy, strict=True):
            ElementTree.SubElement(box, tag).text = plain_number(corner)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _objects(element: ElementTree.Element, number: int) -> Iterator[VocObject]:
    """An object, once for each of its boxes; few have more than one."""
    class_name = (element.findtext("name") or "").strip()
    boxes = element.findall("bndbox")
    for box in boxes:
        texts = [box.findtext(tag) or "" for tag in _CORNERS]
        x_min, y_min, x_max, y_max = [_number(text) for text in texts]
        with_comma = any("," in text for text in texts)
        yield VocObject(number, class_name, (x_min, y_min, x_max, y_max), with_comma=with_comma)
    if boxes:
        return
    turned = element.find("robndbox")
    if turned is not None:  # roLabelImg: centre, size, and an angle in radians
        x, y, width, height, angle = [_number(turned.findtext(tag)) for tag in ("cx", "cy", "w", "h", "angle")]
        half = box_around_turned(width, height, as_angle(angle))
        box_xyxy = (x - half[0], y - half[1], x + half[0], y + half[1])
        yield VocObject(number, class_name, box_xyxy, from_rotated=True)
        return
    polygon = element.find("polygon")
    # two spellings are in use: <x1>…<y1>…<x2>… and <pt><x/><y/></pt>
    elements = list(polygon.iter()) if polygon is not None else []
    xs = [_number(e.text) for e in elements if re.fullmatch(r"x\d*", e.tag)]
    ys = [_number(e.text) for e in elements if re.fullmatch(r"y\d*", e.tag)]
    if xs and ys:
        yield VocObject(number, class_name, (min(xs), min(ys), max(xs), max(ys)), from_polygon=True)
    else:
        yield VocObject(number, class_name, (math.nan,) * 4, has_box=False)


def _text(element: ElementTree.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _number(text: str | None) -> float:
    try:
        return float(_COMMA.sub(r"\1.\2", text or ""))
    except ValueError:
        return math.nan
