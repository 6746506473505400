"""Workbooks of old versions of Excel (.xls): whole ones are read, and damaged ones do not end the process."""

from __future__ import annotations

import base64
import io
import zlib

import pytest

from glassnet.errors import TableError
from glassnet.tables import read_table

pytest.importorskip("python_calamine")

# a sheet with the names x, y, z above eleven rows of numbers, compressed
WORKBOOK = zlib.decompress(
    base64.b85decode(
        "c-rk)O-L0{6#nkKH}6-UZ~P-I<Y8o`ZlX;aeHE08NUTj!K|Rw&C>oCzX^Sj#6+zIdpN-%q0xO7qu%LE9fl-T~2z<44"
        "6%+)i(>dqOt*gz#2PGNvJ?=MW&i&5ZGxzV!%&Tc<X8dk_0ZY)15Ek4xB8E><iR+UzsNQwi)W;YVH^8bwJVpZ<u`yNt"
        "GRkAf<6VG-JK<-<z(*=aa1xz^1HG9Q#7@Z}r#Oc;Vuc&zNuf@%suVshTqS&4l#hkCi|3MX8);|MAxvjGo40wh_@LD&"
        "bt&+5A4tqQ@oYg2p7Sg|ds!8=Hg@Ds<of^3iiU6*CP3rX(L2za&-Krsng(zJU)>DwMX%JSnZUoYeg*P>TkMbe_^()D"
        "U<B?lnc!ozx!wyE2RJuJA#8_=`|fEfLsW(nya&sgO)pxr<uaGch<i{Wwj(n-O}p~k&Cjp*c6Viuif2Uj>Edp_ffIm>"
        "a~wgzDXA$F=9Zf!qDA<;Ty?G3^}^LO59!#{RpS}EM@4f%YMZE?t%5h%jfTC6?6KK>4;#ilWjB*O*-;p-o_w1fM<aDW"
        "55@Cu6s@XNUAxM7l+{P&t^5zdb-(QbF)Qum?s|V&6_`gtOh>qQ#=WC{o>^XBakN?z{RC^o=ir6#VT*Y-#8IrbeDs!~"
        "XQhK=RO>@N`jDYNV>7oTv_9;k4;y;EvV%S4T5tR4Z9{)O#@v_I`iPG{V(2*&2N$cfKI)^78v3au^Q~H~kNN0hhMqGg"
        "yH4xlKKi(!f1i?GU8nU4AAQ2m^PN&JWwbu&qfZ+8?~dH{de*mFmAKD?N&hInkU)R{0RjXF5Fo&6hLY#s;?q7qSK8kD"
        "MAZAPGf!n9_)PNOVm}7ycZyz2cVU2zc?^{_e`;YXeJ!=j82!DFae!LSqYvGZM_<YFm)-}Jc|XezO#ithRBHPRrR4dS"
        "+y4QGfadG"
    )
)


def test_a_workbook_is_read() -> None:
    table = read_table(io.BytesIO(WORKBOOK))
    assert table.column_names == ["x", "y", "z"]
    assert table.column("z").to_list() == [2 * row + 0.5 for row in range(1, 12)]


@pytest.mark.parametrize("size", [1000, 4454, 5619])
def test_a_workbook_cut_short_is_refused(size: int) -> None:
    with pytest.raises(TableError, match="damaged"):
        read_table(io.BytesIO(WORKBOOK[:size]))


def test_a_damaged_size_is_refused() -> None:
    """The reader would request 137 GB for it, and end the process."""
    damaged = bytearray(WORKBOOK)
    damaged[1559] = 104
    with pytest.raises(TableError, match="damaged"):
        read_table(io.BytesIO(bytes(damaged)))
