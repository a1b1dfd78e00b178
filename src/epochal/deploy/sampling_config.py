"""The rules by which a project keeps images of inference, as JSON: read strictly, written back as they were given.

{"enabled", "persist_predictions",
 "batching_strategy": {"batches_name_prefix", "recreation_interval", "max_batch_images"},
 "sampling_strategies": [{"name", "type", …, "tags", "limits": [{"type", "value"}]}], "max_image_size": [h, w],
 "jpeg_compression_level", "tags"}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from epochal.errors import BadInput

RuleType = Literal["random", "close_to_threshold", "classes_based", "detections_number_based"]
LimitType = Literal["minutely", "hourly", "daily"]
Interval = Literal["never", "daily", "weekly", "monthly"]
MAX_RULES, MAX_WORDS, MAX_TEXT, MAX_COUNT = 50, 200, 200, 10**9
_RULE_KEYS = {
    "random": {"traffic_percentage"},
    "close_to_threshold": {
        "threshold",
        "epsilon",
        "probability",
        "selected_class_names",
        "minimum_objects_close_to_threshold",
    },
    "classes_based": {"probability", "selected_class_names"},
    "detections_number_based": {"probability", "more_than", "less_than", "selected_class_names"},
}


@dataclass(frozen=True)
class Limit:
    """At most `value` images of a rule in a minute, hour or day (UTC)."""

    type: LimitType
    value: int


@dataclass(frozen=True)
class Rule:
    """When an image is kept; `deploy/sampling.py` says what the numbers mean.

    Attributes:
        name: unique among the rules.
        type: which of the four kinds.
        probability: of an image that fits, 0–1.
        threshold: confidence around which a box is uncertain, 0–1.
        epsilon: how far around.
        at_least: how many uncertain boxes there must be.
        more_than: so many boxes are too few; None: no lower end.
        less_than: so many boxes are too many; None: no upper end.
        class_names: of the boxes that count; None for all.
        tags: put on the images that this rule keeps.
        limits: in time.
    """

    name: str
    type: RuleType
    probability: float
    threshold: float = 0.5
    epsilon: float = 0.25
    at_least: int = 1
    more_than: int | None = None
    less_than: int | None = None
    class_names: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class SamplingConfig:
    """All rules of a project.

    Attributes:
        enabled: False: nothing is kept.
        persist_predictions: what the model found comes along as draft annotations.
        batch_prefix: of the names of the batches that images arrive in.
        recreation_interval: how often a new batch is begun.
        max_batch_images: a batch that has so many takes no more; None: no end.
        rules: the first that fits and is within its limits keeps an image.
        max_image_wh: larger images are made smaller before they are kept, pixels.
        jpeg_quality: 1–100; images are compressed anew with it. None: as they came.
        tags: put on every image.
    """

    enabled: bool = False
    persist_predictions: bool = True
    batch_prefix: str = "active-learning"
    recreation_interval: Interval = "never"
    max_batch_images: int | None = None
    rules: tuple[Rule, ...] = ()
    max_image_wh: tuple[int, int] | None = None
    jpeg_quality: int | None = None
    tags: tuple[str, ...] = ()


def parse_sampling_config(given: object) -> SamplingConfig:
    """Read a configuration.

    Raises:
        BadInput: a key that is not known, or a value of another kind than expected; names the place.
    """
    whole = _object(given, "config")
    known = {
        "enabled",
        "persist_predictions",
        "batching_strategy",
        "sampling_strategies",
        "max_image_size",
        "jpeg_compression_level",
        "tags",
    }
    _only(whole, known, "config")
    batching = _object(whole.get("batching_strategy") or {}, "batching_strategy")
    _only(batching, {"batches_name_prefix", "recreation_interval", "max_batch_images"}, "batching_strategy")
    prefix = _text(batching.get("batches_name_prefix", SamplingConfig.batch_prefix), "batches_name_prefix")
    rules = _list(whole.get("sampling_strategies") or [], "sampling_strategies", MAX_RULES)
    config = SamplingConfig(
        enabled=_bool(whole.get("enabled", False), "enabled"),
        persist_predictions=_bool(whole.get("persist_predictions", True), "persist_predictions"),
        batch_prefix=prefix,
        recreation_interval=_word(
            batching.get("recreation_interval", "never"), "recreation_interval", get_args(Interval)
        ),
        max_batch_images=_count(batching.get("max_batch_images"), "max_batch_images"),
        rules=tuple(_rule(rule, f"sampling_strategies[{index}]") for index, rule in enumerate(rules)),
        max_image_wh=_image_wh(whole.get("max_image_size")),
        jpeg_quality=_count(whole.get("jpeg_compression_level"), "jpeg_compression_level", most=100),
        tags=_words(whole.get("tags") or [], "tags"),
    )
    names = [rule.name for rule in config.rules]
    if len(set(names)) < len(names):
        raise BadInput(f"Two sampling_strategies have one name among {', '.join(names)}; give each its own.")
    return config


def _rule(given: object, at: str) -> Rule:
    rule = _object(given, at)
    kind: RuleType = _word(rule.get("type"), f"{at}.type", get_args(RuleType))
    _only(rule, {"name", "type", "tags", "limits", *_RULE_KEYS[kind]}, at)
    chance = "traffic_percentage" if kind == "random" else "probability"
    names = rule.get("selected_class_names")
    if kind == "classes_based" and not names:
        raise BadInput(f"{at}.selected_class_names is {names!r}; expected at least one class name.")
    more, less = (_count(rule.get(key), f"{at}.{key}", least=0) for key in ("more_than", "less_than"))
    if more is not None and less is not None and less - more < 2:
        raise BadInput(f"{at} wants more than {more} and less than {less} boxes, which no image has.")
    return Rule(
        name=_text(rule.get("name"), f"{at}.name"),
        type=kind,
        probability=_fraction(rule.get(chance, 1.0), f"{at}.{chance}"),
        threshold=_fraction(rule.get("threshold", Rule.threshold), f"{at}.threshold"),
        epsilon=_fraction(rule.get("epsilon", Rule.epsilon), f"{at}.epsilon"),
        at_least=_count(rule.get("minimum_objects_close_to_threshold"), f"{at}.minimum_objects_close_to_threshold")
        or 1,
        more_than=more,
        less_than=less,
        class_names=None if names is None else _words(names, f"{at}.selected_class_names"),
        tags=_words(rule.get("tags") or [], f"{at}.tags"),
        limits=tuple(_limit(one, f"{at}.limits") for one in _list(rule.get("limits") or [], f"{at}.limits", 10)),
    )


def _limit(given: object, at: str) -> Limit:
    limit = _object(given, at)
    _only(limit, {"type", "value"}, at)
    value = _count(limit.get("value"), f"{at}.value", least=0)
    if value is None:
        raise BadInput(f"{at}.value is missing; expected a whole number of images.")
    return Limit(_word(limit.get("type"), f"{at}.type", get_args(LimitType)), value)


def _object(given: object, at: str) -> Mapping[str, object]:
    if not isinstance(given, dict):
        raise BadInput(f"{at} is {given!r:.80}; expected an object.")
    return cast(Mapping[str, object], given)


def _only(given: Mapping[str, object], known: set[str], at: str) -> None:
    for key in given:
        if key not in known:
            raise BadInput(f"{at} has {key!r:.80}, which is not known there; known are {', '.join(sorted(known))}.")


def _list(given: object, at: str, most: int) -> Sequence[object]:
    if not isinstance(given, list) or len(given) > most:
        raise BadInput(f"{at} is {given!r:.80}; expected a list of at most {most}.")
    return given


def _words(given: object, at: str) -> tuple[str, ...]:
    return tuple(_text(word, at) for word in _list(given, at, MAX_WORDS))


def _text(given: object, at: str) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > MAX_TEXT:
        raise BadInput(f"{at} is {given!r:.80}; expected a text of 1 to {MAX_TEXT} characters.")
    return given


def _bool(given: object, at: str) -> bool:
    if not isinstance(given, bool):
        raise BadInput(f"{at} is {given!r:.80}; expected true or false.")
    return given


def _word(given: object, at: str, words: tuple[Any, ...]) -> Any:
    if given not in words:
        raise BadInput(f"{at} is {given!r:.80}; expected one of {', '.join(words)}.")
    return given


def _fraction(given: object, at: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 1:
        raise BadInput(f"{at} is {given!r:.80}; expected a number from 0 to 1.")
    return float(given)


def _count(given: object, at: str, *, least: int = 1, most: int = MAX_COUNT) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadInput(f"{at} is {given!r:.80}; expected a whole number from {least} to {most}.")
    return given


def _image_wh(given: object) -> tuple[int, int] | None:
    if given is None:
        return None
    size = [_count(side, "max_image_size", least=16) for side in _list(given, "max_image_size", 2)]
    if len(size) != 2 or size[0] is None or size[1] is None:
        raise BadInput(f"max_image_size is {given!r:.80}; expected [height, width] in pixels.")
    return size[1], size[0]
