"""``glassnet compare``"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from glassnet.cli.arguments import AsJson, Member, ModelPath, RawText
from glassnet.cli.outputs import check_table_out, write_json, write_table
from glassnet.cli.rows import load_for, read_rows
from glassnet.cli.terminal import print_message, print_text, render
from glassnet.errors import Faults, InputError
from glassnet.inside import compare as compare_models


def compare(
    first: ModelPath,
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="OTHER",
            help="Another model. Default: the same one, whose start is then compared with its end.",
            show_default=False,
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            "--table", "-t", metavar="TABLE", help="Rows for which the predictions are compared, too."
        ),
    ] = None,
    from_epoch: Annotated[
        int | None,
        typer.Option("--from", metavar="EPOCH", help="The first after so many epochs; 0 is its start."),
    ] = None,
    to_epoch: Annotated[
        int | None, typer.Option("--to", metavar="EPOCH", help="The second after so many epochs.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="How many single weights are shown.")] = 10,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", "-w", metavar="FILE", help="Write all weights of both to a CSV file."),
    ] = None,
    raw_text: RawText = False,
    json: AsJson = False,
    member: Member = None,
    **reading: Any,
) -> None:
    """Compare two models, or two epochs of one training, down to single weights.

    Epochs between start and end are kept by: glassnet train --snapshots 32

    Examples:
      glassnet compare one.glassnet other.glassnet --table houses.csv
      glassnet compare model.glassnet --from 0 --to 50 --weights weights.csv
    """
    faults = Faults(InputError)
    if weights is not None:
        check_table_out(weights, faults, first, second, table, option="--weights")
    if most < 0:
        faults.add(f"--most is {most}, but must be at least 0.")
    faults.raise_if_any()
    one = load_for(first, None, member)
    other = one if second is None else load_for(second, None, member)
    if second is None and from_epoch is None:
        from_epoch = 0
    if second is None and len(one.members) > 1:
        print_message(f"note: compares network 0 of {len(one.members)}; --member chooses another")
        one = other = one.member(0)
    found = compare_models(
        one if from_epoch is None else one.at(from_epoch),
        other if to_epoch is None else other.at(to_epoch),
        None if table is None else read_rows(table, one, reading),
    )
    if not json:
        print(render(found.blocks(most)))
    if weights is not None:
        write_table(pa.table(found.weights_to_frame()), weights, raw_text=raw_text)
    if json:
        write_json("compare", comparison=found.to_dict(most))
    elif weights is not None:
        print_text(f"\n{one.network.parameter_count:,} weights and biases written to {weights}")
