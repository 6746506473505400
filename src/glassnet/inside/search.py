"""The search for the smallest change of a row that gets another prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.caching import cached_property
from glassnet.inside.choices import Choices
from glassnet.inside.columns import evenly_spaced
from glassnet.net.arrays import Array

AT_ONCE = 8192  # rows that are predicted at a time,
NUMBERS = 2**22  # and inputs of these rows
COARSE = 15  # values of a column in pairs
PAIRS = 300  # of columns, those that come nearest by themselves first
LONGEST = 100  # changes of single columns one after the other
ALIKE = 0.99  # of the highest rate: a rate that is as good
KEPT = 10  # changes that are made smaller
ROUNDS = 20  # of making a change smaller

States = npt.NDArray[np.intp]  # (M, C), the number of the choice of each column
Gap = Callable[[Array], npt.NDArray[np.float64]]


class Moves(NamedTuple):
    """M changes of one state, each of W columns. States, which have all C columns, would take much memory.

    Attributes:
        columns: (M, W), which columns are changed.
        places: (M, W), the numbers of their choices.
    """

    columns: States
    places: States

    def of(self, rows: slice | npt.NDArray[np.intp]) -> Moves:
        """Those in these rows."""
        return Moves(self.columns[rows], self.places[rows])

    def states(self, state: States) -> States:
        """(M, C): the states that ``state`` (C,) becomes."""
        found = np.repeat(state[None], len(self.columns), axis=0)
        np.put_along_axis(found, self.columns, self.places, axis=1)
        return found


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

        All values of each single column are tried. Then pairs of columns on a coarse grid of values; then columns are
        changed one after the other, each time to the value that closes most of the gap for its distance. The nearest
        changes that were found are made smaller, column by column, as long as the prediction stays the wanted one.
        """
        start = np.zeros(len(self.choices), np.intp)
        singles = self._singles(range(len(start)))
        gaps = self._gaps(start, singles)
        best = np.full(len(start), np.inf)
        np.minimum.at(best, singles.columns[:, 0], gaps)
        pairs = self._pairs(best)
        every = np.concatenate(
            [
                start[None],
                self._nearest(start, singles, gaps),
                self._nearest(start, pairs, self._gaps(start, pairs)),
                self._path(start)[None],
            ]
        )
        gaps = self.gap(self.inputs(every))
        reached = np.flatnonzero(gaps <= 0)
        if not len(reached):
            nearest = int(gaps.argmin())
            return every[nearest], float(gaps[nearest])
        order = reached[np.argsort(self.distances(every[reached]), kind="stable")]
        shorter = np.array([self._made_smaller(every[at]) for at in order[:KEPT]])
        smallest = shorter[int(self.distances(shorter).argmin())]
        return smallest, float(self.gap(self.inputs(smallest[None]))[0])

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

    def _gaps(self, state: States, moves: Moves) -> npt.NDArray[np.float64]:
        """(M,): the gaps of the states that ``state`` becomes, of which few are held at a time."""
        own, found = self.inputs(state[None])[0], np.empty(len(moves.columns))
        count = max(1, min(AT_ONCE, NUMBERS // max(1, len(own))))
        for start in range(0, len(found), count):
            some = moves.of(slice(start, start + count))
            inputs = np.repeat(own[None], len(some.columns), axis=0)
            for column in np.unique(some.columns).tolist():
                rows, which = np.nonzero(some.columns == column)
                inputs[rows, self.places[column]] = self.choices[column].inputs[some.places[rows, which]]
            found[start : start + count] = self.gap(inputs)
        return found

    def _added(self, state: States, moves: Moves) -> npt.NDArray[np.float64]:
        """(M,): the distances that ``moves`` add to that of ``state``."""
        starts, flat = self._flat
        before = flat[starts + state]
        return (flat[starts[moves.columns] + moves.places] - before[moves.columns]).sum(axis=1)

    @cached_property
    def _flat(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
        """The distances of all choices, and where those of each column start (C,)."""
        each = [own.distances for own in self.choices]
        starts = np.cumsum([0, *map(len, each)])[:-1]
        return starts, np.concatenate(each)

    def _nearest(self, state: States, moves: Moves, gaps: npt.NDArray[np.float64]) -> States:
        """The states (K, C) after the shortest moves that close the gap, or else after the one that comes nearest."""
        if not len(gaps):
            return state[None][:0]
        reached = np.flatnonzero(gaps <= 0)
        if not len(reached):
            return moves.of(np.array([gaps.argmin()])).states(state)
        order = np.argsort(self._added(state, moves.of(reached)), kind="stable")
        return moves.of(reached[order[:KEPT]]).states(state)

    def _singles(self, columns: Iterable[int], most: int | None = None) -> Moves:
        """Other values of each of these columns: all, or so many."""
        each = [(column, self._others(column, most)) for column in columns]
        sizes = [len(places) for _, places in each]
        owners = np.repeat(np.array([column for column, _ in each], np.intp), sizes)
        return Moves(
            owners[:, None], np.concatenate([np.empty(0, np.intp), *(own for _, own in each)])[:, None]
        )

    def _others(self, column: int, most: int | None) -> npt.NDArray[np.intp]:
        count = len(self.choices[column].values) - 1
        return 1 + evenly_spaced(count, count if most is None else most)

    def _pairs(self, best: npt.NDArray[np.float64]) -> Moves:
        """Pairs of columns on a coarse grid; ``best`` (C,) is how near each column comes by itself."""
        order = np.argsort(best, kind="stable").tolist()
        columns, places = [np.empty((0, 2), np.intp)], [np.empty((0, 2), np.intp)]
        for one, other in islice(_ranks(len(order)), PAIRS):
            both = order[one], order[other]
            grid = np.meshgrid(*(self._others(column, COARSE) for column in both), indexing="ij")
            places.append(np.stack([own.ravel() for own in grid], axis=1))
            columns.append(np.tile(np.array(both, np.intp), (len(places[-1]), 1)))
        return Moves(np.concatenate(columns), np.concatenate(places))

    def _path(self, state: States) -> States:
        """The state after single columns were changed one after the other, until the gap is closed or stays."""
        gap = float(self.gap(self.inputs(state[None]))[0])
        for _ in range(LONGEST):
            if gap <= 0:
                break
            moves = self._singles(range(len(state)), COARSE)
            gaps = self._gaps(state, moves)
            gained = gap - np.maximum(gaps, 0.0)
            rates = gained / np.maximum(self._added(state, moves), 1e-9)
            if rates.max(initial=0.0) <= 0:
                break
            # where a value has an even effect, all steps are as good: the longest one saves the others
            best = int(np.where(rates >= ALIKE * rates.max(), gained, -np.inf).argmax())
            state, gap = moves.of(slice(best, best + 1)).states(state)[0], float(gaps[best])
        return state

    def _made_smaller(self, state: States) -> States:
        for _ in range(ROUNDS):
            before = state
            for column in np.flatnonzero(state).tolist():
                distances = self.choices[column].distances
                nearer = np.flatnonzero(distances < distances[state[column]])
                nearer = nearer[np.argsort(distances[nearer], kind="stable")]
                moves = Moves(np.full((len(nearer), 1), column), nearer[:, None])
                reached = np.flatnonzero(self._gaps(state, moves) <= 0)
                if len(reached):
                    state = moves.of(reached[:1]).states(state)[0]
            if np.array_equal(state, before):
                break
        return state


def _ranks(count: int) -> Iterator[tuple[int, int]]:
    """All pairs of two of ``count`` numbers from 0, those with the smallest sums first."""
    for total in range(1, 2 * count - 2):
        for one in range(max(0, total - count + 1), (total + 1) // 2):
            yield one, total - one
