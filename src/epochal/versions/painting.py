"""Random changes of pixels that leave boxes where they are: colour, light, blur, noise."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from epochal.versions.opencv import Array, load_opencv

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_TAPS_MAX = 16
_SIGMA_MIN_PX = 0.2  # below it a neighbour gets less than half a grey level of 255


def paint(pixels: Array, steps: Mapping[str, Any], random: Generator, prefix: str = "") -> Array:
    """Draw and apply grey, hue, saturation, brightness, exposure, blur, motion blur and noise, as far as wanted."""
    if (matrix := _draw_colour_matrix(steps, random, prefix)) is not None:
        pixels = load_opencv().transform(pixels, np.round(matrix, 9))
    if (curve := _draw_light_curve(steps, random, prefix)) is not None:
        pixels = load_opencv().LUT(pixels, curve)
    if blur := steps.get(f"{prefix}blur"):
        pixels = blur_evenly(pixels, random.uniform(0, blur["pixels"]))
    if blur := steps.get(f"{prefix}motion-blur"):
        length, angle = random.uniform(0, blur["pixels"]), random.uniform(-blur["degrees"], blur["degrees"])
        pixels = blur_along(pixels, length, angle)
    if noise := steps.get(f"{prefix}noise"):
        pixels = _draw_noise(pixels, random.uniform(0, noise["percent"]) / 100, random)
    return pixels


def _draw_colour_matrix(steps: Mapping[str, Any], random: Generator, prefix: str) -> NDArray[np.float64] | None:
    """Grey, hue and saturation as one (3, 3) matrix on RGB; None when all stays."""
    matrix = np.eye(3)
    if hue := steps.get(f"{prefix}hue"):
        matrix = hue_matrix(random.uniform(-hue["degrees"], hue["degrees"])) @ matrix
    if saturation := steps.get(f"{prefix}saturation"):
        matrix = saturation_matrix(1 + random.uniform(-1, 1) * saturation["percent"] / 100) @ matrix
    if (grey := steps.get(f"{prefix}rgrayscale")) and random.random() * 100 < grey["percent"]:
        matrix = saturation_matrix(0) @ matrix
    return None if np.array_equal(matrix, np.eye(3)) else matrix


def hue_matrix(degrees: float) -> NDArray[np.float64]:
    """Turn colours about the grey axis (Rodrigues' formula); grey stays grey."""
    angle = math.radians(degrees)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    return math.cos(angle) * np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) / 3 * np.ones((3, 3))


def saturation_matrix(factor: float) -> NDArray[np.float64]:
    """Scale a colour's distance from its grey: 0 is grey, 1 changes nothing."""
    luma = np.tile(np.array(_LUMA), (3, 1))
    matrix: NDArray[np.float64] = luma + factor * (np.eye(3) - luma)
    return matrix


def _draw_light_curve(steps: Mapping[str, Any], random: Generator, prefix: str) -> NDArray[np.uint8] | None:
    """Brightness and exposure as one curve of 256 levels; None when all stays."""
    brightness, exposure = steps.get(f"{prefix}brightness"), steps.get(f"{prefix}exposure")
    if not brightness and not exposure:
        return None
    levels = np.arange(256) / 255
    if brightness:
        reach = brightness["percent"] / 100
        levels = levels * (1 + random.uniform(-reach * brightness["darken"], reach * brightness["brighten"]))
    if exposure:
        levels = np.clip(levels, 0, 1) ** (2 ** (-random.uniform(-1, 1) * exposure["percent"] / 100))
    return np.clip(np.floor(np.round(levels * 255, 6) + 0.5), 0, 255).astype(np.uint8)


def blur_evenly(pixels: Array, sigma_px: float) -> Array:
    """A Gaussian of this standard deviation, cut at three of them; edges are mirrored outwards."""
    reach = math.ceil(3 * sigma_px)
    if sigma_px < _SIGMA_MIN_PX:
        return pixels
    size = (2 * reach + 1, 2 * reach + 1)
    blurred: Array = load_opencv().GaussianBlur(pixels, size, round(sigma_px, 6))
    return blurred


def blur_along(pixels: Array, length_px: float, degrees: float) -> Array:
    """The mean of copies along a line of a length and an angle; edges are repeated outwards."""
    taps = min(_TAPS_MAX, int(length_px) + 1)
    reach = math.ceil(length_px / 2)
    if taps < 2:
        return pixels
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), "edge")
    height, width = pixels.shape[:2]
    total = np.zeros((height, width, 3), np.uint16)
    for along in np.linspace(-length_px / 2, length_px / 2, taps):
        x = reach + round(along * round(math.cos(math.radians(degrees)), 9))
        y = reach + round(along * round(math.sin(math.radians(degrees)), 9))
        total += padded[y : y + height, x : x + width]
    return ((total + taps // 2) // taps).astype(np.uint8)


def _draw_noise(pixels: Array, share: float, random: Generator) -> Array:
    """Make a share of the pixels black or white."""
    values = pixels.copy()
    flat = values.reshape(-1, 3)
    where = random.integers(0, len(flat), round(share * len(flat)))
    flat[where] = random.integers(0, 2, len(where), np.uint8)[:, None] * np.uint8(255)
    return values
