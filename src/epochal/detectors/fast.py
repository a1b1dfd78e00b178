"""`fast`: a compact anchor-free detector for CPUs, trained from scratch.

    image (3, H, W) in 0–1
      stem /2 ─ /4 ─ stage ─ /8 ─ stage ──────────────┐ C3
                              └─ /16 ─ stage ─────────┤ C4
                                        └─ /32 ─ stage ─ pooling ┤ C5
      neck: down the pyramid (upsample, join), then up again (stride 2, join): 3 maps of `neck` channels
      head: per map a box branch (4 sides × 16 bins) and a class branch, both depthwise

Sources: split stages with dense joins (CSPNet, arXiv 1911.11929; ELAN, arXiv 2211.04800), pyramid pooling (SPP, arXiv
1406.4729, in its serial form), PAN (arXiv 1803.01534), distances as distributions (DFL, arXiv 2006.04388), points
instead of anchors (FCOS, arXiv 1904.01355). Widths and depth were measured, see LOG.md.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from epochal.errors import BadInput

STRIDES = (8, 16, 32)
BINS = 16


@dataclass(frozen=True)
class Size:
    """One setting of the dial: channels after each halving, blocks per stage, channels of the neck."""

    widths: tuple[int, int, int, int, int]
    depth: int
    neck: int


SIZES = {
    "fast-n": Size((16, 32, 64, 128, 256), 1, 64),
    "fast-s": Size((24, 48, 96, 192, 384), 1, 96),
    "fast-m": Size((32, 64, 128, 256, 512), 2, 128),
}


def resolve_model(name: str) -> str:
    """The full name of a model: `fast` is `fast-n`. Raises BadInput for an unknown one."""
    full = "fast-n" if name == "fast" else name
    if full not in SIZES:
        raise BadInput(f"Model {name!r} is not known; choose fast (= fast-n), {', '.join(list(SIZES))}.")
    return full


class Conv(nn.Sequential):
    """Convolution without bias, batch norm, SiLU; keeps the size at stride 1, halves it at stride 2."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.1),
            nn.SiLU(inplace=True),
        )


class Block(nn.Module):
    """Two 3×3 convolutions, added to their input where that is wanted."""

    def __init__(self, channels: int, residual: bool) -> None:
        super().__init__()
        self.first, self.second = Conv(channels, channels, 3), Conv(channels, channels, 3)
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.second(self.first(x))
        return x + y if self.residual else y


class Stage(nn.Module):
    """Split the channels, send one half through blocks, join every intermediate result."""

    def __init__(self, c_in: int, c_out: int, depth: int, residual: bool = True) -> None:
        super().__init__()
        half = c_out // 2
        self.enter = Conv(c_in, 2 * half)
        self.blocks = nn.ModuleList(Block(half, residual) for _ in range(depth))
        self.leave = Conv((2 + depth) * half, c_out)

    def forward(self, x: Tensor) -> Tensor:
        parts = list(self.enter(x).chunk(2, dim=1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        out: Tensor = self.leave(torch.cat(parts, dim=1))
        return out


class Pooling(nn.Module):
    """Three 5×5 maximum poolings in a row, joined: a wide view for few operations."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.enter = Conv(channels, channels // 2)
        self.leave = Conv(channels * 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(nn.functional.max_pool2d(parts[-1], 5, 1, 2))
        out: Tensor = self.leave(torch.cat(parts, dim=1))
        return out


class Branch(nn.Sequential):
    """One side of the head: twice (depthwise 3×3, pointwise), then the outputs."""

    def __init__(self, channels: int, outputs: int) -> None:
        middle: list[nn.Module] = []
        for _ in range(2):
            middle += [Conv(channels, channels, 3, groups=channels), Conv(channels, channels)]
        super().__init__(*middle, nn.Conv2d(channels, outputs, 1))

    @property
    def output(self) -> nn.Conv2d:
        """The last layer, whose bias carries the prior."""
        last = self[-1]
        assert isinstance(last, nn.Conv2d)
        return last


class Backbone(nn.Module):
    """The image to three maps, at strides 8, 16 and 32."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        w1, w2, w3, w4, w5 = size.widths
        self.stem = nn.Sequential(Conv(3, w1, 3, 2), Conv(w1, w2, 3, 2), Stage(w2, w2, size.depth))
        self.c3 = nn.Sequential(Conv(w2, w3, 3, 2), Stage(w3, w3, size.depth))
        self.c4 = nn.Sequential(Conv(w3, w4, 3, 2), Stage(w4, w4, size.depth))
        self.c5 = nn.Sequential(Conv(w4, w5, 3, 2), Stage(w5, w5, size.depth), Pooling(w5))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        c3 = self.c3(self.stem(x))
        c4 = self.c4(c3)
        return c3, c4, self.c5(c4)


class Neck(nn.Module):
    """Mix the three maps: coarse to fine, then fine to coarse."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        c, depth = size.neck, size.depth
        self.lateral = nn.ModuleList(Conv(width, c) for width in size.widths[2:])
        self.down4, self.down3 = Stage(2 * c, c, depth, False), Stage(2 * c, c, depth, False)
        self.stride3, self.stride4 = Conv(c, c, 3, 2), Conv(c, c, 3, 2)
        self.up4, self.up5 = Stage(2 * c, c, depth, False), Stage(2 * c, c, depth, False)

    def forward(self, maps: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        l3, l4, l5 = (lateral(m) for lateral, m in zip(self.lateral, maps, strict=True))
        p4 = self.down4(torch.cat([_double(l5), l4], 1))
        p3 = self.down3(torch.cat([_double(p4), l3], 1))
        n4 = self.up4(torch.cat([self.stride3(p3), p4], 1))
        return p3, n4, self.up5(torch.cat([self.stride4(n4), l5], 1))


class FastNet(nn.Module):
    """The whole net.

    Attributes:
        class_count: C.
        size_name: a key of `SIZES`.
    """

    def __init__(self, size_name: str, class_count: int) -> None:
        super().__init__()
        size = SIZES[resolve_model(size_name)]
        self.size_name, self.class_count = resolve_model(size_name), class_count
        self.backbone, self.neck = Backbone(size), Neck(size)
        self.box_head = nn.ModuleList(Branch(size.neck, 4 * BINS) for _ in STRIDES)
        self.class_head = nn.ModuleList(Branch(size.neck, class_count) for _ in STRIDES)
        for branch in self.class_head:
            assert isinstance(branch, Branch)
            assert branch.output.bias is not None
            nn.init.constant_(branch.output.bias, -4.595)  # sigmoid = 0.01: nearly every point is background

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Raw outputs for every point of the three maps.

        Args:
            images: (B, 3, H, W), 0–1, H and W multiples of 32.

        Returns:
            box bins (B, P, 4 × 16) and class logits (B, P, C); P points, fine maps first, row by row.
        """
        maps = self.neck(self.backbone(images))
        boxes = [head(m).flatten(2) for head, m in zip(self.box_head, maps, strict=True)]
        classes = [head(m).flatten(2) for head, m in zip(self.class_head, maps, strict=True)]
        return torch.cat(boxes, 2).transpose(1, 2), torch.cat(classes, 2).transpose(1, 2)


class Points:
    """The points that predict, for one canvas.

    Attributes:
        xy: (P, 2), centres in canvas pixels.
        stride: (P, 1), pixels.
        grids: (columns, rows, stride) of each map.
    """

    def __init__(self, canvas_wh: tuple[int, int], device: torch.device | str = "cpu") -> None:
        self.canvas_wh = canvas_wh
        self.grids = [(canvas_wh[0] // s, canvas_wh[1] // s, s) for s in STRIDES]
        centres, strides = [], []
        for columns, rows, stride in self.grids:
            x = (torch.arange(columns, device=device) + 0.5) * stride
            y = (torch.arange(rows, device=device) + 0.5) * stride
            grid_y, grid_x = torch.meshgrid(y, x, indexing="ij")
            centres.append(torch.stack([grid_x, grid_y], -1).reshape(-1, 2))
            strides.append(torch.full((columns * rows, 1), float(stride), device=device))
        self.xy, self.stride = torch.cat(centres), torch.cat(strides)

    def decode(self, box_bins: Tensor) -> Tensor:
        """Box bins (B, P, 64) to (B, P, 4) boxes_xyxy in canvas pixels; a distance is its distribution's mean."""
        steps = torch.arange(BINS, dtype=torch.float32, device=box_bins.device)
        shape = (*box_bins.shape[:-1], 4, BINS)
        distance = (box_bins.float().reshape(shape).softmax(-1) * steps).sum(-1) * self.stride
        return torch.cat([self.xy - distance[..., :2], self.xy + distance[..., 2:]], -1)


def _double(x: Tensor) -> Tensor:
    return nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
