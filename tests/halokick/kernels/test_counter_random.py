"""The counter-based generator against NumPy's own Philox, word for word."""

import numpy as np
import pytest

from halokick.kernels.counter_random import philox, unit, units_of


@pytest.mark.parametrize(
    ("counter", "key"),
    [
        ((0, 0, 0, 0), (0, 0)),
        ((5, 123456789, 2, 0), (7, 2**64 - 1)),
        ((2**64 - 2, 2**63, 2**40 + 1, 11), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)),
    ],
)
def test_words_are_those_of_numpy(counter, key):
    generator = np.random.Philox(counter=np.array(counter, dtype=np.uint64), key=np.array(key, dtype=np.uint64))
    # NumPy counts up before it draws
    words = philox(*(np.uint64(word) for word in (counter[0] + 1, *counter[1:])), *(np.uint64(word) for word in key))
    assert list(words) == list(generator.random_raw(4))


def test_known_answer_of_the_authors():
    # Random123 1.14, tests/kat_vectors: philox4x64-10 of all bits set
    ones = np.uint64(2**64 - 1)
    words = philox(ones, ones, ones, ones, ones, ones)
    expected = (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0)
    assert words == expected


def test_the_ends_of_the_unit_interval_are_never_drawn():
    assert 0 < unit(np.uint64(0)) < 1e-15
    assert 1 - 1e-15 < unit(np.uint64(2**64 - 1)) < 1


def test_particles_draws_and_streams_do_not_share_numbers():
    key = np.array([1, 2], dtype=np.uint64)
    seen = {units_of(key, *names) for names in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))}
    assert len(seen) == 4
