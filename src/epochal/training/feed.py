"""Batches for the net: order, augmentation, and batches prepared ahead while the net works on others."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from torch import Tensor

from epochal.config import count_cores
from epochal.datasets import Image
from epochal.detectors.loss import Target
from epochal.training.augmentation import (
    Source,
    blank_canvas,
    draw_colour_matrix,
    draw_mosaic,
    draw_plain,
    flip,
)
from epochal.training.cache import Pixels
from epochal.training.recipe import Recipe, steps_per_epoch

# Threads that feed a GPU.
MOST_FEEDERS = 8


@dataclass(frozen=True)
class Batch:
    """Images and their boxes.

    Attributes:
        images: (B, 3, H, W) float32, 0–1, channels last in memory.
        target: boxes in canvas pixels.
    """

    images: Tensor
    target: Target


class TrainFeed:
    """The augmented batches of an epoch; a pure function of (recipe, pixels, epoch)."""

    def __init__(self, images: Sequence[Image], pixels: Pixels, recipe: Recipe) -> None:
        self.pixels, self.recipe = pixels, recipe
        self.boxes = [at.to_canvas(i.boxes_xyxy) for i, at in zip(images, pixels.placements, strict=True)]
        # A crowd is a region, no object: it teaches no box.
        self.learnable = [~image.is_crowd for image in images]
        self.class_id = [image.class_id for image in images]
        self.steps = steps_per_epoch(len(images), recipe.batch_size)

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch (from 1); where cores are to spare, threads of their own prepare some ahead."""
        order = default_rng([self.recipe.seed, epoch]).permutation(len(self.pixels))
        order = np.resize(order, (self.steps, self.recipe.batch_size))
        mosaic = self.recipe.mosaic if epoch <= self.mosaic_epochs else 0.0
        jobs = [(epoch, step, chosen, mosaic) for step, chosen in enumerate(order)]
        threads = self._spare_threads()
        if threads == 0:
            yield from (self._prepare(*job) for job in jobs)
            return
        with ThreadPoolExecutor(threads) as pool:
            ahead: deque[Future[Batch]] = deque()
            for job in jobs:
                ahead.append(pool.submit(self._prepare, *job))
                if len(ahead) > threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _spare_threads(self) -> int:
        """Threads that prepare batches; none where compute threads hold every core, or each waits: LOG.md."""
        if self.recipe.device != "cpu":
            return max(1, min(MOST_FEEDERS, count_cores() - 1))
        return 1 if self.recipe.threads < count_cores() else 0

    @property
    def mosaic_epochs(self) -> int:
        """Epochs with mosaic; afterwards the net sees whole images only."""
        return round(self.recipe.epochs * self.recipe.mosaic_off) if self.recipe.mosaic > 0 else 0

    def _prepare(self, epoch: int, step: int, chosen: NDArray[np.int64], mosaic: float) -> Batch:
        random = default_rng([self.recipe.seed, epoch, step])
        drawn = [self._draw(int(index), mosaic, random) for index in chosen]
        matrices = np.stack([draw_colour_matrix(self.recipe, random) for _ in drawn])
        stacked = torch.from_numpy(np.stack([d.pixels for d in drawn])).float().div_(255)
        batch, height, width, _ = stacked.shape
        coloured = torch.bmm(stacked.view(batch, height * width, 3), torch.from_numpy(matrices).transpose(1, 2))
        images = coloured.clamp_(0, 1).view(batch, height, width, 3).permute(0, 3, 1, 2)
        return Batch(images, build_target([d.boxes_xyxy for d in drawn], [d.class_id for d in drawn]))

    def _draw(self, index: int, mosaic: float, random: Generator) -> Source:
        canvas = blank_canvas(self.recipe.canvas_wh)
        if random.uniform() < mosaic:
            others = random.integers(0, len(self.pixels), 3)
            drawn = draw_mosaic(canvas, [self._source(int(i)) for i in (index, *others)], self.recipe, random)
        else:
            drawn = draw_plain(canvas, self._source(index), self.recipe, random)
        return flip(drawn) if random.uniform() < self.recipe.flip else drawn

    def _source(self, index: int) -> Source:
        at, keep = self.pixels.placements[index], self.learnable[index]
        shift = np.array([at.left, at.top] * 2, np.float32)
        return Source(self.pixels.content(index), self.boxes[index][keep] - shift, self.class_id[index][keep])


def plain_batches(images: Sequence[Image], pixels: Pixels, batch_size: int) -> Iterator[tuple[range, Batch]]:
    """Images without augmentation, in order: (their indices, the batch)."""
    for start in range(0, len(images), batch_size):
        chosen = range(start, min(start + batch_size, len(images)))
        stacked = torch.from_numpy(np.stack([pixels[i] for i in chosen]))
        keep = [~images[i].is_crowd for i in chosen]
        boxes = [pixels.placements[i].to_canvas(images[i].boxes_xyxy[k]) for i, k in zip(chosen, keep, strict=True)]
        target = build_target(boxes, [images[i].class_id[k] for i, k in zip(chosen, keep, strict=True)])
        yield chosen, Batch(stacked.permute(0, 3, 1, 2).float().div_(255), target)


def build_target(boxes_xyxy: Sequence[NDArray[np.float32]], class_id: Sequence[NDArray[np.int64]]) -> Target:
    """The boxes of several images as one flat list."""
    image = np.repeat(np.arange(len(boxes_xyxy)), [len(b) for b in boxes_xyxy])
    return Target(
        torch.from_numpy(np.concatenate(boxes_xyxy).astype(np.float32)),
        torch.from_numpy(np.concatenate(class_id).astype(np.int64)),
        torch.from_numpy(image.astype(np.int64)),
    )
