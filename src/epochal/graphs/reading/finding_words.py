"""What is said about each finding beside the verdict; see `words.py` for the form."""

from collections.abc import Mapping

from epochal.graphs.reading.finding import Finding, Severity
from epochal.graphs.reading.words import CHOICE, EXPERT, GOOGLE, PRECHELT, Words, write_finding

_ULTRALYTICS = "Threads of users and maintainers on github.com/ultralytics; "

FINDING_WORDS: dict[str, Words] = {
    "val_box_loss_rising": Words(
        "warning",
        "{series} has turned up: since epoch {turn_epoch} it rose by {rise:.0%}. On new images the boxes get worse "
        "while the model goes on learning the train images.",
        "Judge by mAP which epoch to use. Against it help more images, stronger augmentation, or fewer epochs.",
        "The end is 3 % or more above the smoothed minimum, the minimum lies in the first 80 % of the run, and the "
        "rise is more than twice the noise.",
        PRECHELT,
        "A larger val split on which the loss does not rise.",
    ),
    "val_cls_loss_rising": Words(
        "warning",
        "{series} has turned up: since epoch {turn_epoch} it rose by {rise:.0%}. On new images the model is more and "
        "more sure of itself where it is wrong.",
        "Judge by mAP which epoch to use, and choose the confidence threshold anew before deploying.",
        "The end is 5 % or more above the smoothed minimum, the minimum lies in the first 80 % of the run, and the "
        "rise is more than twice the noise.",
        PRECHELT,
        "A larger val split on which the loss does not rise.",
    ),
    "val_loss_up_map_up": Words(
        "info",
        "{series} rises, yet mAP still gained {gain:.0%} since that loss turned. mAP ranks boxes and does not mind "
        "over-confidence, so follow mAP.",
        "Keep the epoch with the best mAP; choose the confidence threshold on the val split, not by habit.",
        "A val loss has turned up, and mAP is 2 % or more above what it was at that loss's minimum.",
        _ULTRALYTICS + EXPERT,
        "mAP that falls on the test split.",
    ),
    "map_declining": Words(
        "warning",
        "mAP has been falling since epoch {epoch}: from {peak:.3f} to {end:.3f} ({fall:.1%}).",
        "Use the weights of the best epoch; train fewer epochs, or on more varied images.",
        "The end is 3 % or more below the smoothed peak, and the peak lies in the first 85 % of the run.",
        EXPERT,
        "Later epochs that climb back.",
    ),
    "train_val_gap": Words(
        "warning",
        "At the end {series} is {ratio:.1f} times the train loss; at the start it was {ratio_at_start:.1f} times. "
        "The model fits the train images far better than new ones.",
        "More varied train images or stronger augmentation. Check that train and val come from the same kind of "
        "source.",
        "Val loss is 1.5 times the train loss or more at the end, and was not at the start.",
        EXPERT,
        "A val split drawn anew from the same images that closes the gap.",
    ),
    "val_below_train": Words(
        "info",
        "{series} is below the train loss. That is usual: train images are augmented and harder, val images are not.",
        "Nothing to do. Only if the gap is large, check that no val image is also in train (`epochal check`).",
        "Val loss is at most 95 % of the train loss at the end and not above it at the start.",
        _ULTRALYTICS + CHOICE,
        "The gap stays with augmentation switched off: then look for a leak.",
    ),
    "nan": Words(
        "error",
        "{series} is NaN or infinite from epoch {first_epoch} on ({rows_not_finite} rows). From there nothing is "
        "learned.",
        "Go back to the last epoch before it. Lower the learning rate, switch half precision off, check the labels.",
        "A train loss is not finite in the last row or in 3 rows.",
        GOOGLE,
        "Nothing: a NaN does not mend itself.",
    ),
    "spike": Words(
        "info",
        "{series} jumps out{times} at epoch {first_epoch} ({what}) and recovers.",
        "Usually harmless: a batch with odd images or labels. When it repeats, lower the learning rate.",
        "A value is 2 times its neighbours (for mAP: under half of them), or NaN or infinite, and the next rows are "
        "as before.",
        GOOGLE,
        "The same spike at the same epoch in another run: then look for the images behind it.",
    ),
    "diverging": Words(
        "error",
        "{series} fell to {minimum:.3g} and has come back to {end:.3g}: the training runs away.",
        "Stop, go back to the best epoch, and train with a third of the learning rate or less.",
        "The last 3 rows of a train loss are 1.5 times its smoothed minimum or more.",
        GOOGLE,
        "A mosaic or augmentation that was switched on at that point.",
    ),
    "lr_too_high": Words(
        "warning",
        "{series} jumps by {roughness:.0%} from epoch to epoch; a train loss should be smooth. The learning rate may "
        "be too high, or the batch too small.",
        "Train a short run with a third of the learning rate and compare.",
        "The noise of the train losses in the second half is 8 % of their level or more (median).",
        "Karpathy, CS231n notes 3; " + GOOGLE,
        "A short run with a lower rate that jumps as much: then look at the labels.",
    ),
    "lr_beyond_use": Words(
        "warning",
        "The learning rate reaches {peak:.2g}, far above what detectors are trained with (SGD 0.01 to 0.1, Adam "
        "0.0001 to 0.002). The run may look calm and still end far below what it could reach.",
        "Train a short run with a hundredth of it and compare.",
        "The learning rate is 0.5 or more at some epoch.",
        CHOICE,
        "A run with a lower rate that ends no higher.",
    ),
    "lr_too_low": Words(
        "warning",
        "The train losses crawl: over the whole run {series} fell by only {drop:.0%}. The learning rate may be too "
        "low.",
        "Train a short run with three times the learning rate and compare.",
        "Of the train losses that fall, none does so by 15 % over the run, and mAP is under 0.3.",
        "Karpathy, CS231n notes 3; " + CHOICE,
        "A fine-tune from good weights, where losses start low.",
    ),
    "map_zero": Words(
        "error",
        "mAP is exactly 0 in the last {rows} rows: not one box is right.",
        "Look at the labels drawn on val images; check class ids and the number of classes, and that the val split "
        "has labels at all.",
        "mAP is exactly 0 in 3 rows or more up to the end.",
        _ULTRALYTICS + CHOICE,
        "A val split whose labels are known to be right.",
    ),
    "sure_of_nothing": Words(
        "warning",
        "The model is sure of nothing: in the last {rows} epochs its best threshold is {confidence:.3f}. "
        "Labels that belong to their images lift it above 0.1 within some epochs.",
        "Look at the labels drawn on train images: do they belong to these images, and to this class list? Else the "
        "run was too short, or its learning rate far too low.",
        "The confidence with the best F1 stays under 0.05 over the last third of 10 rows or more.",
        "Runs with shuffled labels (benchmarks/README.md); " + CHOICE,
        "A longer run in which that threshold rises.",
    ),
    "frozen_metrics": Words(
        "warning",
        "No metric changed by a single digit over {rows} rows. What is validated does not change: averaged weights "
        "that hold a NaN, a frozen copy, or a run that died.",
        "Stop and look at the weights; restart from the last epoch that was alive.",
        "mAP, precision and recall repeat to the last digit in 4 rows or more, and are not 0.",
        _ULTRALYTICS + CHOICE,
        "A val split of a few images, where numbers can repeat by chance.",
    ),
    "noisy_validation": Words(
        "warning",
        "mAP moves by about ±{points:.1f} points from epoch to epoch by chance alone. Smaller differences mean "
        "nothing.",
        "Put more images into val. Do not choose between runs or epochs by less than this.",
        "The typical change from row to row in the second half is 5 % of mAP's level or more, or the noise is over "
        "half of the whole gain.",
        "Noise from first differences (Rousseeuw and Croux 1993); " + CHOICE,
        "A larger val split.",
    ),
    "small_validation": Words(
        "warning",
        "The val split is small: with other images mAP could as well be {half:.2f} higher or lower (95 %).",
        "Put more images into val, and judge differences below that as none.",
        "Half the bootstrap interval of mAP_0.5:0.95 is 0.05 or more.",
        "Bootstrap over images (Everingham and Williams, PASCAL VOC significance note); " + CHOICE,
        "A larger val split.",
    ),
    "few_train_images": Words(
        "warning",
        "The model learns from only {images} images: it will know those and little else.",
        "Collect more images, from as many different scenes as the model will meet; some hundreds is a beginning.",
        "Fewer than 50 train images.",
        CHOICE,
        "A test split of other scenes on which it does well.",
    ),
    "few_val_images": Words(
        "warning",
        "The val split has only {images} images: one object more or less found moves mAP visibly.",
        "Put at least 50, better 200 images into val.",
        "Fewer than 50 val images.",
        EXPERT,
        "A larger val split.",
    ),
    "plateau": Words(
        "info",
        "Since epoch {since} mAP stays at about {level:.3f}.",
        "More epochs alone will not help; more or cleaner data, larger images or a larger model may.",
        "Over the last 35 % of the rows mAP's trend is under 1.5 % of its level, or within the noise.",
        "Theil–Sen slope (Sen 1968); " + EXPERT,
        "A run with another learning rate that leaves the level.",
    ),
    "still_improving": Words(
        "info",
        "mAP still rises at the end. The odds that {more} more epochs bring a better best are {odds:.0%}; likely mAP "
        "then: {low:.3f} to {high:.3f}.",
        "Train a new run with more epochs: the learning rate's plan follows the number of epochs, so adding some to "
        "a finished run gives less.",
        "The lower end of the slope's 95 % interval over the last fifth of the run is above 0.",
        "Theil–Sen slope (Sen 1968); curves of Domhan et al. 2015 for the odds.",
        "A longer run that does not end higher.",
    ),
    "too_good": Words(
        "warning",
        "These values are suspiciously good (best mAP {best:.3f}). A val image that is also in train, a val split of "
        "a few images, or near-copies such as video frames can do that.",
        "Run `epochal check` on the dataset for duplicates between splits, and test on images from another source.",
        "mAP_0.5 is 0.98 or more in the first tenth of the run, or mAP_0.5:0.95 reaches 0.97.",
        _ULTRALYTICS + CHOICE,
        "The same values on images that were collected elsewhere, or a task that is really that easy.",
    ),
    "val_in_train": Words(
        "error",
        "{images} of {of} val images are also in train, byte for byte. mAP says how well the model remembers, not how "
        "well it will do.",
        "Take them out of train with `epochal convert DATASET OUT --to coco --mend-leaks`, and train again.",
        "The run counted val images whose bytes are those of a train image.",
        CHOICE,
        "Nothing: equal bytes are equal images.",
    ),
    "best_epoch": Words(
        "info",
        "The best epoch is {epoch} with {value:.4f}; {as_good} epochs ({first} to {last}) are as good within the "
        "noise of ±{noise:.4f}. As the best of many it is likely {bias:.4f} too high.",
        "Report the test split at this epoch, not this number.",
        "Rows within twice the noise of the best count as equal; the best of N noisy values lies about σ·√(2·ln N) "
        "high.",
        "Expected maximum of N normal values (upper bound); " + CHOICE,
        "A larger val split, or a test.",
    ),
    "precision_recall_imbalance": Words(
        "info",
        "Precision and recall are far apart.",
        "Choose another confidence threshold.",
        "Precision and recall lie 0.2 or more apart at the end.",
        EXPERT,
        "Another confidence threshold, at which they hold differently.",
    ),
    "loose_boxes": Words(
        "info",
        "Objects are found (mAP_0.5 {map50:.2f}), but their boxes sit loosely (mAP_0.5:0.95 only {map50_95:.2f}).",
        "Check that labels hug the objects and do so everywhere alike; train on larger images when objects are small.",
        "mAP_0.5:0.95 is under half of mAP_0.5, and mAP_0.5 is 0.3 or more.",
        _ULTRALYTICS + CHOICE,
        "Objects of a few pixels, for which such a ratio is normal.",
    ),
    "class_dragging": Words(
        "warning",
        "The class “{class_name}” drags the mean down: it has {value:.2f} where the others have {others:.2f}. "
        "Without it the mean would be {mean_without:.2f} instead of {mean:.2f}.",
        "Look at its images: are labels missing, or is it mixed up with another class? Add examples of it.",
        "A class is under half of the median of the others at the end.",
        CHOICE,
        "More val images of that class.",
    ),
    "class_never_found": Words(
        "error",
        "The class “{class_name}” is never found: its AP stays at {value:.3f} while the others reach {others:.2f}.",
        "Check that train has labels of this class (`epochal check`), under the same name and id as val.",
        "A class's AP never reaches 0.02, while the median of the others is 0.1 or more at the end.",
        CHOICE,
        "Train images with labels of that class.",
    ),
    "class_driven": Words(
        "info",
        "{share:.0%} of the fall of mAP comes from one class, “{class_name}”.",
        "Look at that class's val images before changing anything else.",
        "One class makes up more than half of the fall of the mean since its peak.",
        CHOICE,
        "More val images of that class.",
    ),
    "jump_at_event": Words(
        "info",
        "At epoch {epoch} {series} steps by {step:+.0%}. The log says why: {label}",
        "Nothing to do, unless mAP falls and stays low.",
        "A step of 3 % or more and of 3 times the noise within 4 rows of a known event.",
        _ULTRALYTICS + CHOICE,
        "The same step in a run without the event.",
    ),
    "jump_at_resume": Words(
        "warning",
        "Where the run was resumed, at epoch {epoch}, {series} steps by {step:+.0%}. Something was not restored: "
        "learning rate, optimizer, averaged weights or augmentation; or the data changed.",
        "Check the learning rate around that epoch; when in doubt train again without a break.",
        "A step of 3 % or more and of 3 times the noise within 4 rows of a resume.",
        _ULTRALYTICS + CHOICE,
        "A run without a break that shows the same step.",
    ),
    "resume_discontinuity": Words(
        "warning",
        "The log is not of one piece: {what}. The run was interrupted and resumed, or started again.",
        "Read the parts as separate runs if settings or data changed in between. Without its optimizer a run goes on, "
        "but momentum begins anew: when it ends lower than expected, train again without a break.",
        "The epoch column repeats, goes back, jumps, or does not begin at the first epoch; or the run itself noted "
        "that its checkpoint held no optimizer state.",
        EXPERT,
        "Nothing: it stands in the log.",
    ),
    "stopped_early": Words(
        "info",
        "The run ended after {done} of {planned} epochs while mAP was still rising.",
        "If a rule stopped it, give it more patience; else resume it.",
        "At most 95 % of the planned epochs, with mAP rising or its best among the last fifth.",
        CHOICE,
        "A full run that does not end higher.",
    ),
}

_ALONE = "The best epoch is {epoch} with {value:.4f}; no other is as good within the noise of ±{noise:.4f}."
_IMBALANCE = {
    "recall_low": (
        "Precision is {precision:.2f} but recall only {recall:.2f}: what is drawn is right, and much is missed.",
        "more examples of what is missed, and larger images if it is small",
        "Lower",
    ),
    "precision_low": (
        "Recall is {recall:.2f} but precision only {precision:.2f}: much is found, and much is drawn that is not "
        "there.",
        "images without objects, and labels for what was left unlabelled",
        "Raise",
    ),
}


def find(
    key: str,
    *,
    epochs: tuple[int, int],
    confidence: float,
    evidence: Mapping[str, object],
    severity: Severity | None = None,
    variant: str = "",
) -> Finding:
    """Make a finding of this table; `variant` chooses between the two sides of an imbalance."""
    numbers: dict[str, object] = dict(evidence)
    words = FINDING_WORDS[key]
    if key == "spike" and "rows_not_finite" in numbers:
        numbers["count"] = numbers["rows_not_finite"]
    if key == "spike":
        numbers["times"] = "" if numbers["count"] == 1 else f" {numbers['count']} times, first"
    if key == "best_epoch" and numbers["as_good"] == 1:
        words = words._replace(message=_ALONE)
    if variant:
        text, data, way = _IMBALANCE[variant]
        first = (
            f"{way} the confidence threshold first: the curve has room there. " if numbers["threshold_may_mend"] else ""
        )
        words = words._replace(message=text, remedy=f"{first}What helps for good: {data}.")
    return write_finding(words, key, epochs=epochs, confidence=confidence, evidence=numbers, severity=severity)
