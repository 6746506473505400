"""The file of a checkpoint: what training depends on, and the state of the loop of each network.

It is a file as :mod:`glassnet.tensor_file` describes it. The tensors are the parameters, the moments of the optimizer,
what is kept of the best epoch, the curves and the snapshots; everything else is in the document. A file may be damaged
or come from a stranger: whatever it holds is checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from glassnet.engines import Snapshot
from glassnet.engines.protocol import EachRow
from glassnet.errors import CheckpointError
from glassnet.net import State
from glassnet.tensor_file import FileKind, TensorReader
from glassnet.training.history_tensors import history_of, history_tensors
from glassnet.training.loop_state import LoopState
from glassnet.training.result import Kept
from glassnet.training.training_identity import TrainingIdentity

FORMAT = 1
ENDS = ("epochs", "patience", "max_time", "divergence")  # of the training of a network; others go on
CHECKPOINT = FileKind(
    "glassnet checkpoint", "checkpoint", CheckpointError, FORMAT, "remove it to begin the training again"
)
Tensors = dict[str, npt.NDArray[Any]]


@dataclass
class OrderPart:
    """The state of NumPy's generator PCG64, the numbers of 128 bits in hexadecimal digits."""

    state: str
    inc: str
    has_uint32: int
    uinteger: int


@dataclass
class HistoryPart:
    """The history without its curves and snapshots, which are tensors."""

    best_epoch: int
    metric: str
    stop_reason: str
    ended_by: str
    seconds: float


@dataclass
class NetworkPart:
    """The state of the loop of one network without its tensors."""

    number: int
    step: int
    epochs: int
    order: OrderPart | None
    history: HistoryPart
    has_best: bool


@dataclass
class Document:
    """The document of a checkpoint."""

    format: int
    training: TrainingIdentity
    networks: list[NetworkPart]


class Shapes(NamedTuple):
    """What the tensors of a network must fit.

    Attributes:
        parameters: their number.
        moments: the number of moments of the optimizer.
        dtype: of both.
        validation: (N, O) of the targets of the validation rows; ``None`` without such rows.
        metric: whether there is a metric of early stopping.
        ordered: whether the order of the rows is drawn.
        snapshots: how many are kept at most.
    """

    parameters: int
    moments: int
    dtype: str
    validation: tuple[int, int] | None
    metric: bool
    ordered: bool
    snapshots: int


def write(path: str, training: TrainingIdentity, states: Mapping[int, LoopState]) -> None:
    """Write a checkpoint; an existing file is replaced only by a complete one.

    Raises:
        OSError: the folder is missing, may not be written to, or the disk is full.
    """
    import msgspec

    tensors: Tensors = {}
    networks = []
    for number, state in sorted(states.items()):
        networks.append(_network(number, state))
        tensors |= {f"networks.{number}.{name}": own for name, own in _tensors(state).items()}
    text = msgspec.json.encode(Document(FORMAT, training, networks)).decode()
    CHECKPOINT.write(path, text, {name: np.ascontiguousarray(own) for name, own in tensors.items()})


def read(name: str) -> tuple[Document, Tensors]:
    """The content of the checkpoint ``name``.

    Raises:
        CheckpointError: no checkpoint, a damaged one, or one of another format.
    """
    import msgspec

    text, tensors = CHECKPOINT.read(name)
    CHECKPOINT.check_header(text, tensors)
    try:
        found = msgspec.json.decode(text, type=Document)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CheckpointError(f"{name!r} does not have the form of a checkpoint: {error}.") from None
    if msgspec.json.encode(found).decode() != text:  # other keys, or numbers in another form
        raise CheckpointError(f"{name!r} does not have the form of a checkpoint.")
    return found, tensors


def states_of(name: str, found: Document, tensors: Tensors, shapes: Sequence[Shapes]) -> dict[int, LoopState]:
    """The states of the loops by the numbers of their networks.

    Args:
        shapes: of each network of the training.

    Raises:
        CheckpointError: states that no such training has.
    """
    reader, states = TensorReader(tensors, CHECKPOINT), {}
    try:
        for part in found.networks:
            if not 0 <= part.number < len(shapes) or part.number in states:
                raise CheckpointError(f"it has a network {part.number} of {len(shapes)}, or has it twice.")
            states[part.number] = _state(part, shapes[part.number], reader)
        reader.end()
    except CheckpointError as error:
        raise CheckpointError([f"{name!r} cannot be used: {fault:.600}" for fault in error.faults]) from None
    return states


def _network(number: int, state: LoopState) -> NetworkPart:
    order, history = None, state.history
    if state.order is not None:
        numbers = state.order["state"]
        order = OrderPart(
            f"{numbers['state']:x}", f"{numbers['inc']:x}", state.order["has_uint32"], state.order["uinteger"]
        )
    others = HistoryPart(
        history.best_epoch, history.metric, history.stop_reason, history.ended_by, history.seconds
    )
    return NetworkPart(number, state.run.state.step, state.epochs, order, others, state.best is not None)


def _tensors(state: LoopState) -> Tensors:
    tensors = {"parameters": state.run.parameters, **history_tensors(state.history)}
    tensors |= {f"moments.{number}": own for number, own in enumerate(state.run.state.moments)}
    if state.best is not None and state.best.validation is not None:
        outputs, losses = state.best.validation
        tensors |= {"best.parameters": state.best.parameters, "best.outputs": outputs, "best.losses": losses}
    return tensors


def _state(part: NetworkPart, shapes: Shapes, reader: TensorReader) -> LoopState:
    start, count, dtype = f"networks.{part.number}", shapes.parameters, shapes.dtype
    ended = part.history.ended_by
    if not (0 <= part.step < 2**53 and 1 <= part.epochs < 2**53 and part.history.seconds >= 0):
        raise CheckpointError("it counts steps, epochs or seconds that no training has.")
    if ended not in ("", *ENDS) or bool(ended) != bool(part.history.stop_reason):
        raise CheckpointError(f"its training was ended by {ended!r:.80}.")
    parameters = reader.take(f"{start}.parameters", dtype, count, finite=False)
    moments = tuple(
        reader.take(f"{start}.moments.{number}", dtype, count, finite=False)
        for number in range(shapes.moments)
    )
    history = history_of(start, vars(part.history), count, dtype, reader)
    best = None
    if part.has_best and shapes.validation is not None:
        rows, outputs = shapes.validation
        best = Kept(
            reader.take(f"{start}.best.parameters", dtype, count, finite=False),
            EachRow(
                reader.take(f"{start}.best.outputs", dtype, rows, outputs, finite=False),
                reader.take(f"{start}.best.losses", "float64", rows, finite=False),
            ),
        )
    epochs, kept = history.epochs, history.snapshots
    fitting = (
        epochs <= part.epochs
        and len(history.validation_loss) == (epochs if shapes.validation else 0)
        and len(history.validation_score) == (epochs if shapes.metric else 0)
        and (best is not None) == (history.best_epoch > 0)
        and (0 if kept is None else kept.most) == shapes.snapshots
        and (part.order is not None) == shapes.ordered
    )
    if not fitting:
        raise CheckpointError("its curves, its best epoch, its snapshots and its length do not fit together.")
    run = Snapshot(parameters, State(part.step, moments))
    return LoopState(run, None if part.order is None else _order(part.order), history, best, part.epochs)


def _order(part: OrderPart) -> dict[str, Any]:
    try:
        numbers = {"state": int(part.state, 16), "inc": int(part.inc, 16)}
    except ValueError:
        numbers = {"state": -1}
    if not (
        all(0 <= number < 2**128 for number in numbers.values())
        and part.has_uint32 in (0, 1)
        and 0 <= part.uinteger < 2**32
    ):
        raise CheckpointError("the state of its generator of random numbers is none.")
    return {
        "bit_generator": "PCG64",
        "state": numbers,
        "has_uint32": part.has_uint32,
        "uinteger": part.uinteger,
    }
