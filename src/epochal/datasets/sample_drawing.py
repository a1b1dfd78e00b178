"""How the sample dataset is drawn: parts, what looks like them, the bench, the light, the camera.

A part is a sprite: a square RGBA picture about `size` pixels wide, transparent around the part and in its hole. Every
function draws from the random numbers that it is given and from nothing else.
"""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Rng = np.random.Generator
Sprite = Image.Image
_METALS = ((188, 192, 198), (150, 154, 160), (201, 172, 96), (92, 95, 101), (172, 160, 148))


def _blank(size: int) -> tuple[Sprite, ImageDraw.ImageDraw]:
    sprite = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    return sprite, ImageDraw.Draw(sprite)


def _tint(colour: Colour, factor: float) -> Colour:
    red, green, blue = (max(0, min(255, int(value * factor))) for value in colour)
    return red, green, blue


def _metal(rng: Rng) -> Colour:
    return _tint(_METALS[int(rng.integers(len(_METALS)))], rng.uniform(0.8, 1.12))


def _turn(rng: Rng, sprite: Sprite, *, tilt: float = 0.0) -> Sprite:
    """Seen a little from the side, then turned by any angle."""
    size = sprite.size[0]
    if tilt:
        flat = max(4, int(size * rng.uniform(1 - tilt, 1)))
        squashed = sprite.resize((size, flat), Image.Resampling.BILINEAR)
        sprite = Image.new("RGBA", (size, size), (0, 0, 0, 0))
        sprite.paste(squashed, (0, (size - flat) // 2))
    return sprite.rotate(rng.uniform(0, 360), Image.Resampling.BICUBIC)


def _ring(draw: ImageDraw.ImageDraw, centre: float, radius: float, fill: Colour | tuple[int, int, int, int]) -> None:
    draw.ellipse((centre - radius, centre - radius, centre + radius, centre + radius), fill=fill)


def _hexagon(centre: float, radius: float) -> list[tuple[float, float]]:
    turns = [math.pi / 3 * k for k in range(6)]
    return [(centre + radius * math.cos(turn), centre + radius * math.sin(turn)) for turn in turns]


def draw_washer(rng: Rng, size: int) -> Sprite:
    """A ring of metal."""
    sprite, draw = _blank(size)
    colour, centre, outer = _metal(rng), size / 2, size / 2 - 2
    inner = outer * rng.uniform(0.38, 0.62)
    _ring(draw, centre, outer, _tint(colour, 0.72))
    _ring(draw, centre, outer * 0.95, colour)
    _ring(draw, centre - outer * 0.05, (outer + inner) / 2, _tint(colour, 1.1))
    _ring(draw, centre, (outer + inner) / 2 * 0.92, colour)
    _ring(draw, centre, inner * 1.07, _tint(colour, 0.6))
    _ring(draw, centre, inner, (0, 0, 0, 0))
    return _turn(rng, sprite, tilt=0.35)


def draw_nut(rng: Rng, size: int) -> Sprite:
    """A hexagon with a threaded hole."""
    sprite, draw = _blank(size)
    colour, centre, outer = _metal(rng), size / 2, size / 2 - 2
    inner = outer * rng.uniform(0.45, 0.58)
    draw.polygon(_hexagon(centre, outer), fill=_tint(colour, 0.7))
    draw.polygon(_hexagon(centre, outer * 0.93), fill=_tint(colour, 0.9))
    _ring(draw, centre, outer * 0.83, _tint(colour, 1.08))
    _ring(draw, centre, inner * 1.14, _tint(colour, 0.75))
    _ring(draw, centre, inner, _tint(colour, 0.4))
    _ring(draw, centre, inner * 0.86, (0, 0, 0, 0))
    return _turn(rng, sprite, tilt=0.3)


def draw_bolt(rng: Rng, size: int) -> Sprite:
    """A bolt that lies on its side, or, one in eight, stands on its shank and shows its head alone."""
    if rng.random() < 0.12:
        return _draw_bolt_from_above(rng, size // 2)
    sprite, draw = _blank(size)
    colour, middle = _metal(rng), size / 2
    head_w, head_h, shank_h = (
        size * rng.uniform(0.14, 0.2),
        size * rng.uniform(0.34, 0.44),
        size * rng.uniform(0.15, 0.22),
    )
    for band, factor in ((1.0, 0.7), (0.72, 0.95), (0.32, 1.15)):  # a lying cylinder is lightest in the middle
        height = shank_h * band / 2
        draw.rectangle((head_w, middle - height, size - 3, middle + height), fill=_tint(colour, factor))
    for x in np.arange(size * rng.uniform(0.3, 0.55), size - 4, max(3.0, size * 0.035)):  # threads
        draw.line((x, middle - shank_h / 2, x + size * 0.015, middle + shank_h / 2), fill=_tint(colour, 0.5), width=2)
    for low, high, factor in ((-1.0, -0.5, 0.75), (-0.5, 0.5, 1.05), (0.5, 1.0, 0.62)):  # three sides of the head
        draw.rectangle(
            (2, middle + low * head_h / 2, head_w + 2, middle + high * head_h / 2), fill=_tint(colour, factor)
        )
    return _turn(rng, sprite)


def _draw_bolt_from_above(rng: Rng, size: int) -> Sprite:
    sprite, draw = _blank(max(12, size))
    colour, centre = _metal(rng), max(12, size) / 2
    draw.polygon(_hexagon(centre, centre - 2), fill=_tint(colour, 0.72))
    draw.polygon(_hexagon(centre, centre * 0.9), fill=_tint(colour, 0.95))
    _ring(draw, centre, centre * 0.72, _tint(colour, 1.1))
    _ring(draw, centre, centre * 0.66, colour)
    draw.line((centre * 0.75, centre, centre * 1.25, centre), fill=_tint(colour, 0.7), width=2)
    return _turn(rng, sprite, tilt=0.2)


def draw_coin(rng: Rng, size: int) -> Sprite:
    """Metal and round, without a hole."""
    sprite, draw = _blank(size)
    colour, centre = _metal(rng), size / 2
    _ring(draw, centre, centre - 2, _tint(colour, 0.7))
    _ring(draw, centre, centre * 0.88, _tint(colour, 1.05))
    _ring(draw, centre, centre * rng.uniform(0.4, 0.6), _tint(colour, 0.88))
    return _turn(rng, sprite, tilt=0.3)


def draw_rubber_ring(rng: Rng, size: int) -> Sprite:
    """As round as a washer, dark and thin."""
    sprite, draw = _blank(size)
    colour: Colour = ((38, 38, 42), (120, 52, 40), (60, 66, 52))[int(rng.integers(3))]
    centre = size / 2
    _ring(draw, centre, centre - 2, colour)
    _ring(draw, centre, centre * 0.9, _tint(colour, 1.35))
    _ring(draw, centre, centre * 0.82, colour)
    _ring(draw, centre, centre * rng.uniform(0.62, 0.76), (0, 0, 0, 0))
    return _turn(rng, sprite, tilt=0.35)


def draw_screw(rng: Rng, size: int) -> Sprite:
    """Pointed, with a sunk head."""
    sprite, draw = _blank(size)
    colour, middle, head_h = _metal(rng), size / 2, size * rng.uniform(0.24, 0.32)
    draw.polygon(
        [(size * 0.14, middle - size * 0.07), (size - 3, middle), (size * 0.14, middle + size * 0.07)], fill=colour
    )
    for x in np.arange(size * 0.25, size * 0.85, max(3.0, size * 0.05)):
        reach = size * 0.09 * (1 - x / size)
        draw.line((x, middle - reach, x + size * 0.03, middle + reach), fill=_tint(colour, 0.55), width=2)
    draw.polygon([(3, middle - head_h / 2), (size * 0.17, middle), (3, middle + head_h / 2)], fill=_tint(colour, 0.8))
    return _turn(rng, sprite)


def draw_pin(rng: Rng, size: int) -> Sprite:
    """A bolt's shank without head or thread."""
    sprite, draw = _blank(size)
    colour, middle, height = _metal(rng), size / 2, size * rng.uniform(0.1, 0.2)
    for band, factor in ((1.0, 0.7), (0.7, 0.95), (0.3, 1.15)):
        draw.rectangle(
            (2, middle - height * band / 2, size - 3, middle + height * band / 2), fill=_tint(colour, factor)
        )
    return _turn(rng, sprite)


def draw_mark(rng: Rng, size: int) -> Sprite:
    """The outline of a nut or washer that somebody drew on the bench."""
    sprite, draw = _blank(size)
    grey = int(rng.integers(30, 90))
    colour, centre = (grey, grey, grey + 10), size / 2
    if rng.random() < 0.5:
        draw.polygon(_hexagon(centre, centre - 3), outline=colour, width=3)
    else:
        draw.ellipse((3, 3, size - 3, size - 3), outline=colour, width=3)
    inner = centre * rng.uniform(0.4, 0.55)
    draw.ellipse((centre - inner, centre - inner, centre + inner, centre + inner), outline=colour, width=3)
    return _turn(rng, sprite)


# ---- the bench, the light, the camera ----


def _noise(rng: Rng, wh: tuple[int, int], cells_wh: tuple[int, int]) -> Image.Image:
    """Soft noise with about so many cells across and down, grey 0–255."""
    cells = rng.integers(0, 256, (cells_wh[1], cells_wh[0]), dtype=np.uint8)
    return Image.fromarray(cells).resize(wh, Image.Resampling.BICUBIC)


def draw_bench(rng: Rng, wh: tuple[int, int]) -> Image.Image:
    """Wood, steel, a cutting mat, cardboard or paper."""
    kind = int(rng.integers(5))
    colour = ((150, 108, 70), (128, 132, 136), (52, 104, 88), (176, 142, 104), (214, 212, 204))[kind]
    colour = _tint(colour, rng.uniform(0.75, 1.15))
    cells_wh = ((5, 90), (6, 160), (24, 20), (40, 32), (12, 10))[kind]
    grain = (0.55, 0.75, 0.85, 0.8, 0.9)[kind]  # how dark the darkest grain is
    dark, light = Image.new("RGB", wh, _tint(colour, grain)), Image.new("RGB", wh, _tint(colour, 1.08))
    bench = Image.composite(light, dark, _noise(rng, wh, cells_wh))
    draw = ImageDraw.Draw(bench)
    if kind == 2:
        step = int(rng.uniform(50, 90))
        for place in range(0, max(wh), step):
            draw.line((place, 0, place, wh[1]), fill=_tint(colour, 1.4), width=2)
            draw.line((0, place, wh[0], place), fill=_tint(colour, 1.4), width=2)
    for _ in range(int(rng.integers(0, 7))):  # scratches
        x, y, turn, far = rng.uniform(0, wh[0]), rng.uniform(0, wh[1]), rng.uniform(0, 6.3), rng.uniform(30, 260)
        end = (x + far * math.cos(turn), y + far * math.sin(turn))
        draw.line((x, y, *end), fill=_tint(colour, rng.uniform(0.6, 1.3)), width=2)
    return bench


def cast_shadows(rng: Rng, canvas: Image.Image, sprites: list[Sprite], corners: list[tuple[int, int]]) -> None:
    """One light for all parts."""
    turn, far = rng.uniform(0, 2 * math.pi), rng.uniform(3, 14)
    half = (canvas.size[0] // 2, canvas.size[1] // 2)
    shadow = Image.new("L", half, 0)
    depth = int(rng.uniform(70, 170))
    for sprite, (x, y) in zip(sprites, corners, strict=True):
        mask = sprite.getchannel("A").resize((max(1, sprite.size[0] // 2), max(1, sprite.size[1] // 2)))
        place = (int(x + far * math.cos(turn)) // 2, int(y + far * math.sin(turn)) // 2)
        shadow.paste(depth, place, mask)
    soft = shadow.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4))).resize(canvas.size)
    canvas.paste((12, 10, 8), (0, 0), soft)


def draw_cover(rng: Rng, canvas: Image.Image, owner: Image.Image) -> None:
    """A rag or a sheet of paper that covers some of what lies there."""
    width, height = canvas.size
    x, y = rng.uniform(0, width), (0.0 if rng.random() < 0.5 else float(height))
    reach = rng.uniform(0.15, 0.4) * height
    corners = [
        (x + reach * 1.4 * math.cos(turn), y + reach * math.sin(turn)) for turn in np.sort(rng.uniform(0, 6.28, 7))
    ]
    colour: Colour = ((228, 226, 218), (150, 40, 38), (44, 66, 120), (70, 70, 74))[int(rng.integers(4))]
    ImageDraw.Draw(canvas).polygon(corners, fill=colour)
    ImageDraw.Draw(owner).polygon(corners, fill=0)


def photograph(rng: Rng, canvas: Image.Image, image_wh: tuple[int, int]) -> Image.Image:
    """Light that falls off, exposure, colour of the lamp, blur and noise of the camera."""
    picture = canvas.resize(image_wh, Image.Resampling.BOX)
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.7, 2.0)))
    width, height = image_wh
    turn, fall = rng.uniform(0, 2 * math.pi), rng.uniform(0.05, 0.45)
    xs, ys = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)
    light = 1 + np.float32(fall) * (math.cos(turn) * xs[None, :] + math.sin(turn) * ys[:, None])
    light = light * np.float32(math.exp(rng.uniform(math.log(0.45), math.log(1.3))))
    lamp = np.array([rng.uniform(0.88, 1.12), 1.0, rng.uniform(0.85, 1.12)], np.float32)
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(rng.uniform(1.5, 9))
    pixels = np.asarray(picture, np.float32) * light[:, :, None] * lamp + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
