"""The search for the smallest change of a row that gets another prediction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from glassnet.inside.choices import Choices
from glassnet.inside.columns import evenly_spaced
from glassnet.net.arrays import Array

AT_ONCE = 8192  # rows that are predicted at a time
COARSE = 15  # values of a column in pairs
PAIRS = 300  # of columns, those that come nearest by themselves first
KEPT = 10  # changes that are made smaller
ROUNDS = 20  # of making a change smaller

States = npt.NDArray[np.intp]  # (M, C), the number of the choice of each column
Gap = Callable[[Array], npt.NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Search:
    """Tries choices of the columns of one row.

    Args:
        row: (I,), the encoded row.
        places: where the inputs of each column are.
        choices: those of each column.
        gap: how far the predictions for inputs (M, I) are from what is wanted, (M,): 0 or less where they are that.
    """

    row: Array
    places: Sequence[slice]
    choices: Sequence[Choices]
    gap: Gap

    def smallest(self) -> tuple[States, float]:
        """The choices (C,) that get what is wanted with the smallest distance, or that come nearest; and their gap.

        All values of each single column are tried. Then all pairs of columns on a coarse grid of values; then columns
        are added one at a time, each with the value that closes most of the gap for its distance. The nearest changes
        that were found are made smaller, column by column, as long as the prediction stays the wanted one.
        """
        start = np.zeros(len(self.choices), np.intp)
        each = [self._singles(start, at, len(own.values)) for at, own in enumerate(self.choices)]
        singles = np.concatenate([start[None], *each])
        gaps = self._gaps(singles)
        best = [
            float(own.min(initial=np.inf))
            for own in np.split(gaps[1:], np.cumsum([len(own) for own in each])[:-1])
        ]
        states, found = [singles], [gaps]
        for more in (self._pairs(start, best), self._path(start)):
            states.append(more)
            found.append(self._gaps(more))
        every, gaps = np.concatenate(states), np.concatenate(found)
        reached = np.flatnonzero(gaps <= 0)
        if not len(reached):
            nearest = int(gaps.argmin())
            return every[nearest], float(gaps[nearest])
        order = reached[np.argsort(self.distances(every[reached]), kind="stable")]
        shorter = np.array([self._made_smaller(every[at]) for at in order[:KEPT]])
        smallest = shorter[int(self.distances(shorter).argmin())]
        return smallest, float(self._gaps(smallest[None])[0])

    def distances(self, states: States) -> npt.NDArray[np.float64]:
        """(M,): the sums of the distances of the columns."""
        found = np.zeros(len(states))
        for at, own in enumerate(self.choices):
            found += own.distances[states[:, at]]
        return found

    def inputs(self, states: States) -> Array:
        """(M, I): the encoded rows."""
        found = np.repeat(self.row[None], len(states), axis=0)
        for at, (place, own) in enumerate(zip(self.places, self.choices, strict=True)):
            found[:, place] = own.inputs[states[:, at]]
        return found

    def _gaps(self, states: States) -> npt.NDArray[np.float64]:
        starts = range(0, len(states), AT_ONCE)
        return np.concatenate(
            [np.empty(0), *(self.gap(self.inputs(states[start : start + AT_ONCE])) for start in starts)]
        )

    def _singles(self, state: States, column: int, most: int) -> States:
        """``state`` with other values of one column, at most so many."""
        places = 1 + evenly_spaced(len(self.choices[column].values) - 1, most)
        found = np.repeat(state[None], len(places), axis=0)
        found[:, column] = places
        return found

    def _pairs(self, start: States, best: Sequence[float]) -> States:
        order = np.argsort(best, kind="stable").tolist()
        pairs = sorted(combinations(range(len(order)), 2), key=sum)[:PAIRS]
        found = []
        for one, other in pairs:
            firsts = self._singles(start, order[one], COARSE)
            seconds = self._singles(start, order[other], COARSE)[:, order[other]]
            both = np.repeat(firsts, len(seconds), axis=0)
            both[:, order[other]] = np.tile(seconds, len(firsts))
            found.append(both)
        return np.concatenate([start[None], *found])

    def _path(self, start: States) -> States:
        """The states to which columns are added one at a time, until the gap is closed or grows."""
        found, state = [start], start
        gap = float(self._gaps(state[None])[0])
        while gap > 0:
            free = np.flatnonzero(state == 0).tolist()
            moves = np.concatenate([state[None], *(self._singles(state, at, COARSE) for at in free)])
            gaps = self._gaps(moves)
            steps = self.distances(moves) - self.distances(state[None])
            gained = (gap - np.maximum(gaps, 0.0)) / np.maximum(steps, 1e-9)
            gained[0] = 0.0
            best = int(gained.argmax())
            if gained[best] <= 0:
                break
            state, gap = moves[best], float(gaps[best])
            found.append(state)
        return np.array(found)

    def _made_smaller(self, state: States) -> States:
        for _ in range(ROUNDS):
            before = state
            for column in np.flatnonzero(state).tolist():
                distances = self.choices[column].distances
                nearer = np.flatnonzero(distances < distances[state[column]])
                nearer = nearer[np.argsort(distances[nearer], kind="stable")]
                moves = np.repeat(state[None], len(nearer), axis=0)
                moves[:, column] = nearer
                reached = np.flatnonzero(self._gaps(moves) <= 0)
                if len(reached):
                    state = moves[reached[0]]
            if np.array_equal(state, before):
                break
        return state
