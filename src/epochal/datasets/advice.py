"""What each finding means and what to do about it: one row for each id. docs/datasets.md shows the same table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Advice:
    """A finding in words.

    Attributes:
        meaning: what was met and what was done with it.
        remedy: what its owner can do.
        trigger: when exactly it counts, where `meaning` does not say it all.
    """

    meaning: str
    remedy: str
    trigger: str = ""


ADVICE: dict[str, Advice] = {
    "zero_area_box": Advice("boxes without width or height", "draw them again, or ignore this: they teach nothing"),
    "inverted_box": Advice("boxes whose right side is left of their left; corners were swapped", "nothing"),
    "nan_box": Advice("boxes with a corner that is no number", "mend the file; the tool that wrote it is at fault"),
    "box_outside_image": Advice(
        "boxes that reach out of their image: cut at the edge (mended), or left out where nothing remains (skipped)",
        "nothing for a pixel or two; for more, check that the boxes belong to these images",
        "a corner lies more than 0.05 px outside of the image",
    ),
    "box_in_stored_frame": Advice(
        "boxes drawn before the camera's orientation mark was applied; turned with their image", "look at one of them"
    ),
    "box_of_resized_image": Advice(
        "boxes drawn on another size of their image; scaled to its present size", "look at one of them"
    ),
    "size_differs": Advice(
        "images of another size than their annotation says; boxes are taken as they stand", "look at one of them"
    ),
    "repeated_box": Advice(
        "boxes that stand twice on the same image; both are kept",
        "delete one of each pair",
        "same image, class and corners",
    ),
    "class_id_out_of_range": Advice(
        "boxes of a class that has no name; left out", "add the missing names to data.yaml, or correct the ids"
    ),
    "class_names_missing": Advice("class ids without names; numbered", "add a data.yaml or a classes.txt"),
    "phantom_class": Advice(
        "a class without boxes that only names the group of all others, as exports hold; left out", "nothing"
    ),
    "polygon_as_box": Advice("polygons; the box around each was taken", "nothing"),
    "rotated_as_box": Advice("boxes that are turned; the upright box around each was taken", "nothing"),
    "confidence_in_label": Advice(
        "label lines with a sixth number, which predictions have; it was left out",
        "make sure that these are labels and not a model's output",
    ),
    "keypoints_in_label": Advice("label lines with key points behind the box; they were left out", "nothing"),
    "comma_for_point": Advice(
        "numbers with a comma for the decimal point, or commas between them; read as they are meant", "nothing"
    ),
    "ambiguous_id": Advice(
        "ids that stand for two images or two classes; what they annotate was left out",
        "give each its own id; merging two files without renumbering makes such ids",
    ),
    "file_not_understood": Advice(
        "files that may hold annotations, of no format that is known",
        "convert them, or ignore this if they are about something else",
    ),
    "bad_label_line": Advice("label lines that cannot be read; left out", "correct the lines named"),
    "annotation_without_box": Advice("annotations without a box; left out", "nothing, if they are captions or points"),
    "annotation_without_class": Advice("boxes without a class; left out", "name their class"),
    "annotation_without_image": Advice(
        "annotations of images that are not there; left out", "add the images, or ignore this if they were left out"
    ),
    "image_annotated_twice": Advice(
        "a second annotation file for the same image; the one nearest to the image was read", "remove the other"
    ),
    "image_without_annotation": Advice(
        "images that no annotation speaks of: not used, because unlabelled is not the same as empty",
        "label them; an image without objects needs an empty label file or an entry without boxes",
    ),
    "unreadable_image": Advice(
        "files that are no image, damaged, or beyond the limits; left out", "replace them, or raise the limit"
    ),
    "box_on_unreadable_image": Advice("boxes on images that cannot be read; left out", "replace those images"),
    "unreadable_annotation": Advice("annotation files that cannot be read; left out", "mend or remove them"),
    "split_without_image": Advice(
        "lines of a split list without an image; left out", "nothing, if left out on purpose"
    ),
    "split_folder_missing": Advice(
        "split folders that the configuration names and that do not exist; mended where the end of the path exists",
        "correct the paths in data.yaml",
    ),
    "empty_split": Advice("a split that is named but holds no image", "add images to it, or remove it"),
    "duplicate_images": Advice("files that are copies of another, byte for byte", "keep one of each", "equal bytes"),
    "near_duplicate_images": Advice(
        "images that show the same as another: resized, saved again, brightened or cut by a hair",
        "keep one of each",
        "perceptual hashes differ in at most 16 of 128 bits, and pictures of 32 × 32 pixels correlate by 0.9 or more",
    ),
    "leak_between_splits": Advice(
        "the same picture, or nearly, in two splits: results on val or test will look better than they are",
        "remove it from one of them; Mend on the health page and `epochal convert --mend-leaks` take it out of train",
        "images of one group of duplicates or near-duplicates stand in different splits",
    ),
    "whole_image_box": Advice("boxes over 98 % of their image and more", "make sure that they are meant so"),
    "tiny_box": Advice(
        "boxes of one pixel or less in width or height",
        "delete them, if they were slips of the hand",
        "the shorter side is at most 1 px, and not 0",
    ),
    "class_without_boxes": Advice("classes that no box has", "add examples, or drop the class"),
    "class_not_in_train": Advice(
        "classes that val or test hold and train does not: they cannot be learned", "move images into train"
    ),
    "class_imbalance": Advice(
        "ten times more boxes of one class than of another; the rare one will be learned late",
        "add images of the rare class",
        "the most frequent class has at least 10 times the boxes of the rarest one that has any",
    ),
    "similar_class_names": Advice(
        "classes whose names differ in case, signs, a plural or one letter",
        "merge them, if they mean the same",
        "equal without case, signs and a final s; or six letters long and more, and one letter apart, no digit",
    ),
}
