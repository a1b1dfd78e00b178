"""Boxes drawn on a copy of a picture, with a readable label and one colour per class."""

import colorsys
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from epochal.boxes import Detections

Colour = tuple[int, int, int]
_GOLDEN = 0.618034  # steps of the golden ratio around the circle of hues keep neighbours far apart
_SMALLEST_TEXT_PX = 11


def draw_detections(
    picture: Image.Image, detections: Detections, class_names: Sequence[str], *, line_px: int | None = None,
    with_labels: bool = True,
) -> Image.Image:  # fmt: skip
    """Give a copy of a picture with its boxes; the most confident ones lie on top.

    Args:
        picture: upright; boxes are in its pixels.
        detections: of this picture.
        class_names: index is the class_id.
        line_px: width of the lines; by the size of the picture when None.
        with_labels: write class and confidence beside each box; a confidence of NaN, a person's box, is left out.
    """
    copy = picture.convert("RGB")
    drawing = ImageDraw.Draw(copy)
    side = max(copy.size)
    line_px = line_px or max(2, round(side / 400))
    font = ImageFont.load_default(size=max(_SMALLEST_TEXT_PX, round(side / 50)))
    for index in reversed(range(len(detections))):
        class_id = int(detections.class_id[index])
        colour = colour_of_class(class_id)
        box = tuple(float(v) for v in detections.boxes_xyxy[index])
        drawing.rectangle(_inside(box, copy.size), outline=colour, width=line_px)
        if not with_labels:
            continue
        confidence = float(detections.confidence[index])
        text = class_names[class_id] if math.isnan(confidence) else f"{class_names[class_id]} {confidence:.2f}"
        _draw_label(drawing, text, box, colour, font, copy.size)
    return copy


def colour_of_class(class_id: int) -> Colour:
    """The same colour for the same class in every picture; 0–255 each."""
    red, green, blue = colorsys.hsv_to_rgb((0.02 + class_id * _GOLDEN) % 1, 0.85, 0.95)
    return round(red * 255), round(green * 255), round(blue * 255)


def _inside(box: tuple[float, ...], image_wh: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box for Pillow, whose corners are pixels that it paints: the last one is at width − 1."""
    x_min, y_min = min(box[0], image_wh[0] - 1), min(box[1], image_wh[1] - 1)
    return x_min, y_min, max(x_min, min(box[2], image_wh[0] - 1)), max(y_min, min(box[3], image_wh[1] - 1))


def _draw_label(
    drawing: ImageDraw.ImageDraw, text: str, box: tuple[float, ...], colour: Colour,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont, image_wh: tuple[int, int],
) -> None:  # fmt: skip
    """Write above the box, inside it where there is no room above, and never beyond the right edge."""
    left, top, right, bottom = drawing.textbbox((0, 0), text, font=font)
    width, height = right - left + 6, bottom - top + 4
    x = max(0.0, min(box[0], image_wh[0] - width))
    y = box[1] - height if box[1] >= height else min(box[1], image_wh[1] - height)
    y = max(0.0, y)
    drawing.rectangle((x, y, x + width, y + height), fill=colour)
    drawing.text((x + 3 - left, y + 2 - top), text, fill=_ink(colour), font=font)


def _ink(colour: Colour) -> Colour:
    """Black or white, whichever is read more easily on a colour (luma of ITU-R BT.601)."""
    luma = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    return (0, 0, 0) if luma > 140 else (255, 255, 255)
