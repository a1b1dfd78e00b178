"""Images grouped by their annotations. Run: pytest tests/evaluation/test_clusters.py."""

import numpy as np
import pytest

from epochal.evaluation.clusters import MOST_CLUSTERS, find_clusters

SMALL, LARGE = (0, 0, 5, 5), (0, 0, 80, 80)


def test_find_clusters__tells_crowded_scenes_from_single_large_objects(truth_of):
    crowded = [truth_of(*[(0, SMALL)] * (20 + at % 2)) for at in range(5)]
    single = [truth_of((1, LARGE)) for _ in range(3)]
    found = find_clusters([*crowded, *single], 2)
    assert found.of_image.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]  # the larger group first
    assert found.count == 2
    assert sorted(found.members(0).tolist()) == [0, 1, 2, 3, 4]
    apart = found.point[:5].mean(axis=0) - found.point[5:].mean(axis=0)
    assert np.linalg.norm(apart) > 1


def test_find_clusters__is_the_same_twice_and_never_makes_more_groups_than_there_are_kinds(truth_of):
    rng = np.random.default_rng(0)
    truths = [truth_of(*[(int(rng.integers(3)), SMALL)] * int(rng.integers(0, 30))) for _ in range(200)]
    first, second = find_clusters(truths, 3), find_clusters(truths, 3)
    assert (first.of_image == second.of_image).all()
    assert 2 <= first.count <= MOST_CLUSTERS
    assert [len(first.members(at)) for at in range(first.count)] == sorted(np.bincount(first.of_image), reverse=True)
    assert find_clusters([truth_of((0, SMALL))] * 50, 1).count == 1


@pytest.mark.parametrize("images", [0, 1])
def test_find_clusters__of_next_to_nothing(truth_of, images):
    found = find_clusters([truth_of()] * images, 2)
    assert (found.count, found.point.shape) == (images, (images, 2))
