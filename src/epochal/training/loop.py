"""The training loop, in one file that reads from top to bottom.

    recipe ─ run folder ─ cache of pixels ─ net, average, optimizers ─ (checkpoint)
    for each epoch:
        for each step:   batch ─ forward ─ loss ─ backward ─ clip ─ learning rate ─ Muon + AdamW ─ average
        validate the average on val ─► series
        journal (flushed to disk) ─► best weights ─► checkpoint (renamed) ─► results.csv, graph.html
        asked to stop? leave; `--resume` goes on from the checkpoint
    the best weights: last evaluation ─► evaluation.json, best.onnx, graph.html        (ending.py)

The journal comes before the checkpoint: a kill between them trains that epoch again, to the same numbers, and no
point is lost.
Everything random is a function of (seed, epoch, step), so a resumed run is the run that was never interrupted.
"""

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn

import torch

from epochal.datasets import Dataset, Image
from epochal.detectors.fast import FastNet, Points
from epochal.detectors.loss import LossSums, compute_loss
from epochal.detectors.weights import copy_matching, save_weights
from epochal.errors import EpochalError, TrainingFailed
from epochal.evaluation import evaluate
from epochal.graphs.journal import Journal
from epochal.training.announcing import Announcer, Listener, StoppedNow, StopRequest
from epochal.training.averaging import Average
from epochal.training.cache import Pixels
from epochal.training.checkpoint import NO_MAP, TrainingState, load_checkpoint, save_checkpoint
from epochal.training.feed import Batch, TrainFeed
from epochal.training.optimizers import build_optimizers, scheduled
from epochal.training.precision import in_precision, prepare_process, to_device
from epochal.training.recipe import Recipe
from epochal.training.recording import record_net
from epochal.training.reporting import write_graph
from epochal.training.run import Progress, RunFolder
from epochal.training.validation import ground_truths, validate

Outcome = Literal["finished", "stopped"]


@dataclass
class Training:
    """One training from its first to its last epoch.

    Attributes:
        dataset: with its splits.
        recipe: of this training.
        run: its folder; recipe.json is written.
        cache: folder for decoded pixels.
        listener: is told what happens.
        cache_max_bytes: a larger cache is not made.
        epochs_done: complete epochs, which a resume need not train again.
        stop: is asked after each step.
    """

    dataset: Dataset
    recipe: Recipe
    run: RunFolder
    cache: Path
    listener: Listener
    cache_max_bytes: int
    stop: StopRequest = field(default_factory=StopRequest)

    def __post_init__(self) -> None:
        self.announcer = Announcer(self.run, self.listener, self.stop)
        self.epochs_done = self.run.last_epoch()
        self._validation_s = 0.0

    def __call__(self) -> Outcome:
        """Train to the end of the schedule, or to where a stop was asked.

        Raises:
            TrainingFailed: the loss is no number.
            StorageFull, DatasetError, RunFolderError: see their names; the last checkpoint stays.
        """
        try:
            self._prepare()
        except StoppedNow:
            return "stopped"
        with Journal(self.run.path) as journal:
            journal.start(name=self.run.name, epochs_planned=self.recipe.epochs, seed=self.recipe.seed)
            if 0 < self.epochs_done < self.recipe.epochs:
                self._tell_resume(journal)
            try:
                outcome = self._train(journal)
            except BaseException as error:
                with contextlib.suppress(EpochalError, OSError):  # a full disk takes no last word either
                    journal.end("failed", str(error) or type(error).__name__)
                raise
            if outcome == "stopped" and self.epochs_done > 0:
                journal.event(self.epochs_done, "stop", f"stopped after epoch {self.epochs_done}")
            journal.end(outcome)
        return outcome

    # ── before the first epoch ─────────────────────────────────────────────────────────────────────────────────

    def _prepare(self) -> None:
        # Beside a GPU the cores prepare batches, each in a thread that computes alone.
        prepare_process(self.recipe.threads if self.recipe.device == "cpu" else 1)
        torch.manual_seed(self.recipe.seed)
        self.train_images = self.dataset.of_split("train")
        self.val_images = self.dataset.of_split("val") or self.train_images
        self._say_what_validation_lacks()
        self.feed = TrainFeed(self.train_images, self._decode("train", self.train_images), self.recipe)
        self.val_pixels = self._decode("val", self.val_images)
        self.truths = ground_truths(self.val_images)
        self.points = Points(self.recipe.canvas_wh, self.recipe.device)
        net = FastNet(self.recipe.model, len(self.dataset.class_names))
        if self.recipe.start_from and not self.run.checkpoint.exists():
            taken = copy_matching(net, Path(self.recipe.start_from), self.dataset.class_names)
            new = f"; new to them: {', '.join(taken.new_classes[:12])}" if taken.new_classes else ""
            self.announcer.say(
                f"Starts from {self.recipe.start_from}: {taken.tensors} of {taken.in_all} tensors taken over{new}."
            )
        net.to(self.recipe.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
        self.parameters = list(net.parameters())
        self.planned_steps = self.feed.steps * self.recipe.epochs
        average = Average(net, self.recipe.ema * self.planned_steps, ramps=bool(self.recipe.ema_ramp))
        self.state = TrainingState(net, average, build_optimizers(net, self.recipe))
        self._load_checkpoint()
        if self.recipe.device != "cpu":
            width, height = self.recipe.canvas_wh
            record_net(
                net, (self.recipe.batch_size, 3, height, width), in_precision(self.recipe.precision, self.recipe.device)
            )
        self.run.weights.mkdir(exist_ok=True)

    def _load_checkpoint(self) -> None:
        recorded = self.run.last_epoch()
        if self.run.checkpoint.exists():
            load_checkpoint(self.run.checkpoint, self.state)
            if recorded < self.state.epoch:
                self.announcer.say(
                    f"metrics.jsonl ends at epoch {recorded}, the checkpoint at {self.state.epoch}: the graph will "
                    "lack what lies between."
                )
        self.epochs_done = self.state.epoch

    def _decode(self, split: str, images: Sequence[Image]) -> Pixels:
        pixels = Pixels(images, self.recipe.canvas_wh)
        pixels.fill(
            self.cache,
            limit_bytes=self.cache_max_bytes,
            on_image=lambda done, total: self.announcer.progress(
                Progress("preparing", self.epochs_done, self.recipe.epochs, done, total, message=f"decoding {split}")
            ),
        )
        if pixels.note:
            self.announcer.say(pixels.note)
        return pixels

    def _say_what_validation_lacks(self) -> None:
        if not self.dataset.of_split("val"):
            self.announcer.say(
                "There is no image to validate on, so train is used: its numbers say nothing about new images."
            )
        elif not any(len(image.boxes_xyxy) for image in self.val_images):
            self.announcer.say(
                "The val images have no box, so there is no mAP, and best.pt is the newest epoch; give val a few boxes."
            )

    # ── epochs ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _train(self, journal: Journal) -> Outcome:
        while self.state.epoch < self.recipe.epochs:
            epoch, started = self.state.epoch + 1, time.perf_counter()
            try:
                series = self._train_epoch(epoch, started)
                trained = time.perf_counter()
                if _is_sound(series):
                    series |= self._validate_epoch(epoch)
            except StoppedNow:
                return "stopped"
            self._validation_s = time.perf_counter() - trained
            series["time/epoch_s"] = time.perf_counter() - started
            if not _is_sound(series):
                self._give_up(journal, epoch, series)
            self._keep_epoch(journal, epoch, series)
            if self.announcer.asked() and epoch < self.recipe.epochs:
                return "stopped"
        return "finished"

    def _train_epoch(self, epoch: int, started: float) -> dict[str, float]:
        """One pass over train; ends early, with losses that are no numbers, when one is none."""
        box, cls, weight = 0.0, 0.0, 0.0
        factor = 0.0
        self.state.net.train()
        for step, batch in enumerate(self.feed.batches(epoch)):
            factor = scheduled(((epoch - 1) * self.feed.steps + step + 1) / self.planned_steps, self.recipe)
            losses = self._train_step(to_device(batch, self.recipe.device), factor)
            sums = torch.stack([losses.box, losses.cls, losses.weight]).tolist()  # a GPU is waited for once
            box, cls, weight = box + sums[0], cls + sums[1], weight + sums[2]
            if not math.isfinite(box + cls):
                break
            self._tell_step(epoch, step + 1, started)
        return {
            "train/box_loss": box / weight,
            "train/cls_loss": cls / weight,
            "lr": factor * max(self.recipe.muon_lr, self.recipe.adamw_lr),
            "lr/muon": factor * self.recipe.muon_lr,
            "lr/adamw": factor * self.recipe.adamw_lr,
        }

    def _train_step(self, batch: Batch, factor: float) -> LossSums:
        net, (muon, adamw) = self.state.net, self.state.optimizers
        with in_precision(self.recipe.precision, self.recipe.device):
            box_bins, logits = net(batch.images)
        losses = compute_loss(box_bins, logits, batch.target, self.points)
        losses.total.backward()  # type: ignore[no-untyped-call]  # torch has no types here
        torch.nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip_norm)
        for optimizer, lr in ((muon, self.recipe.muon_lr), (adamw, self.recipe.adamw_lr)):
            for group in optimizer.param_groups:
                group["lr"] = lr * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.state.average.update()
        return losses

    def _validate_epoch(self, epoch: int) -> dict[str, float]:
        found = validate(
            self.state.average.net,
            self.val_images,
            self.val_pixels,
            self.points,
            precision=self.recipe.precision,
            device=self.recipe.device,
            on_batch=lambda done, total: self.announcer.progress(
                Progress("validating", epoch, self.recipe.epochs, done, total, message="validating")
            ),
        )
        numbers = evaluate(
            self.truths,
            found.detections,
            self.dataset.class_names,
            resamples=self.recipe.resamples,
            seed=self.recipe.seed,
        )
        return {"val/box_loss": found.box_loss, "val/cls_loss": found.cls_loss} | numbers.series()

    def _keep_epoch(self, journal: Journal, epoch: int, series: dict[str, float]) -> None:
        for event, label in self._events(epoch):
            journal.event(epoch, event, label)
        journal.epoch(epoch, series)
        self.state.epoch = epoch
        score = series.get("metrics/mAP_0.5:0.95", NO_MAP)
        if score > self.state.best_map or self.state.best_map == NO_MAP:  # without any mAP the newest is the best
            self.state.best_epoch, self.state.best_map = epoch, score
            self._save_weights("best.pt")
        self._save_weights("last.pt")
        save_checkpoint(self.run.checkpoint, self.state)
        self.epochs_done = epoch
        write_graph(self.run.path, self.announcer.say, final=False)
        self.announcer.epoch(epoch, series)

    def _tell_resume(self, journal: Journal) -> None:
        """Record a resume, and whether the optimizers go on from where they were or begin anew."""
        label, without = f"resumed after epoch {self.epochs_done}", None
        if not all(optimizer.state for optimizer in self.state.optimizers):
            label, without = f"{label} without the optimizer's state, which the checkpoint did not hold", "optimizer"
            self.announcer.say(f"{label[0].upper()}{label[1:]}.")
        journal.event(self.epochs_done + 1, "resume", label, without=without)

    def _give_up(self, journal: Journal, epoch: int, series: dict[str, float]) -> NoReturn:
        """Record an epoch whose losses are no numbers, and fail; weights and checkpoint stay those before it."""
        broken = next(f"{key} is {value}" for key, value in series.items() if not math.isfinite(value))
        journal.event(epoch, "nan", f"{broken}: the training ended here")
        journal.epoch(epoch, series)
        kept = f"the weights of epoch {self.state.epoch} are kept" if self.state.epoch else "no weights were kept"
        raise TrainingFailed(
            f"The loss became no number in epoch {epoch} ({broken}); {kept}. Resuming would end the same way: look at "
            "the dataset with `epochal check`, then train again with another --seed."
        )

    def _save_weights(self, name: str) -> None:
        save_weights(
            self.run.weights / name,
            self.state.average.net.state_dict(),
            model=self.recipe.model,
            class_names=self.dataset.class_names,
            canvas_wh=self.recipe.canvas_wh,
        )

    # ── what is told ───────────────────────────────────────────────────────────────────────────────────────────

    def _events(self, epoch: int) -> list[tuple[Literal["warmup_end", "mosaic_off"], str]]:
        """Changes of the schedule that show in the curves from this epoch on."""
        warm = max(1, math.ceil(self.recipe.warmup * self.recipe.epochs))
        events: list[tuple[Literal["warmup_end", "mosaic_off"], str]] = []
        if epoch == warm:
            events.append(("warmup_end", "the learning rate has reached its maximum and falls from here on"))
        if 0 < self.feed.mosaic_epochs == epoch - 1:
            events.append(("mosaic_off", "from here on whole images only; a step in the train losses is expected"))
        return events

    def _tell_step(self, epoch: int, step: int, started: float) -> None:
        elapsed = time.perf_counter() - started
        left = self.planned_steps - (epoch - 1) * self.feed.steps - step
        validations = (self.recipe.epochs - epoch + 1) * self._validation_s
        progress = Progress(
            "training",
            epoch,
            self.recipe.epochs,
            step,
            self.feed.steps,
            images_per_s=step * self.recipe.batch_size / elapsed,
            eta_s=left * elapsed / step + validations,
        )
        self.announcer.progress(progress)


def _is_sound(series: dict[str, float]) -> bool:
    return all(math.isfinite(value) for key, value in series.items() if key.endswith("_loss"))
