"""Text in the encodings that spreadsheets and older programs write, told apart by their words."""

from __future__ import annotations

import io

import pytest

from glassnet.errors import TableError
from glassnet.tables import read_table

TABLES = {
    "gb18030": ("城市,价格,装修", ["北京市,3,精装修", "上海市,4,简单装修", "广州市,5,毛坯房"]),
    "big5": ("城市,價格,狀況", ["臺北市,3,豪華裝潢", "高雄市,4,簡單裝潢", "臺中市,5,毛胚屋"]),
    "shift_jis": ("都市,値段,表示", ["東京都,3,マンション", "大阪府,4,アパート", "北海道,5,一戸建て"]),
    "euc_jp": ("都市,値段,表示", ["東京都,3,マンション", "大阪府,4,アパート", "北海道,5,一戸建て"]),
    "euc_kr": ("도시,가격,상태", ["서울특별시,3,아파트", "부산광역시,4,빌라", "인천,5,오피스텔"]),
    "cp1251": ("город,цена,состояние", ["Москва,3,хорошее", "Казань,4,плохое", "Новосибирск,5,отличное"]),
    "koi8-r": ("город,цена,состояние", ["Москва,3,хорошее", "Казань,4,плохое", "Новосибирск,5,отличное"]),
    "cp1253": ("πόλη,τιμή,κατάσταση", ["Αθήνα,3,καλή", "Θεσσαλονίκη,4,κακή", "Πάτρα,5,μέτρια"]),
    "cp1250": (
        "město,cena,stav",
        ["České Budějovice,3,špatný", "Plzeň,4,výborný", "Řevnice,5,dobrý", "Kroměříž,6,nový"],
    ),
    "cp1252": ("stadt,preis,größe", ["München,3,schön", "Köln,4,mäßig", "Zürich,5,schlecht"]),
}


@pytest.mark.parametrize("encoding", TABLES)
def test_encodings_are_distinguished(encoding: str) -> None:
    header, rows = TABLES[encoding]
    text = "\n".join([header, *rows * 4]) + "\n"
    table = read_table(io.BytesIO(text.encode(encoding)))
    assert table.column_names == header.split(",")
    assert table.column(table.column_names[0]).to_list()[:3] == [row.split(",")[0] for row in rows[:3]]
    assert table.column(table.column_names[1]).to_list()[:3] == [3, 4, 5]
    assert table.notes[0].code == "encoding"


@pytest.mark.parametrize("word", ["wörd", "€ or $", "naïve", "– dash"])
def test_a_few_letters_are_read_in_the_commonest_encoding(word: str) -> None:
    assert read_table(io.BytesIO(f"a,b\n{word},1\nx,2\n".encode("cp1252"))).column("a").to_list()[0] == word


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1250", ["Győr", "Szeged", "Hódmezővásárhely"]),
        ("cp1250", ["Kraków", "Łódź", "Gdańsk"]),
        ("cp1254", ["İzmir", "Şanlıurfa", "Iğdır", "Eskişehir"]),
        ("cp1252", ["Århus", "Odense", "Helsingør"]),
        ("cp1252", ["São Luís", "Recife", "Brasília"]),
        ("cp1252", ["Würzburg", "Berlin", "Gießen"]),
    ],
)  # fmt: skip
def test_few_words_tell_the_languages_of_one_alphabet(encoding: str, words: list[str]) -> None:
    text = "town,number\n" + "".join(f"{word},{at}\n" for at, word in enumerate(words * 5))
    assert read_table(io.BytesIO(text.encode(encoding))).column("town").to_list()[: len(words)] == words


LANGUAGES = {
    "German": ["Größe,Straße", "München,schön", "Köln,mäßig", "Zürich,süß"],
    "French": ["Prénom,Région", "Hélène,Île-de-France", "François,Rhône", "Zoë,Côte"],
    "Spanish": ["Año,Región", "Peña,Cádiz", "Núñez,Málaga", "Ibáñez,León"],
    "Portuguese": ["Ação,Município", "João,Goiânia", "Conceição,Maranhão"],
    "Swedish": ["Höjd,Ort", "Åsa,Malmö", "Örjan,Växjö"],
    "one word": ["name,town", "a,b", "c,Köln"],
    "one French word": ["name,town", "a,Lyon", "c,Orléans"],
}


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15", "cp850", "mac-roman"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_encodings_of_western_europe_are_told_apart_by_alphabets(language: str, encoding: str) -> None:
    header, *rows = LANGUAGES[language]
    table = read_table(io.BytesIO("\n".join([header, *rows, ""]).encode(encoding)))
    assert table.column_names == header.split(",")
    assert [",".join(row.values()) for row in table.to_arrow().to_pylist()] == rows
    assert "is a guess" in str(table.notes[0])
    assert table.notes[0].setting == "encoding"


def test_a_character_of_two_bytes_takes_no_separator_from_a_line() -> None:
    text = 'name|"a"|b\nx|1|2\nwä|3|4\n"|ß|"|5|6\n; ßä|7|8\n'
    table = read_table(io.BytesIO(text.encode("cp1252")))
    assert table.column("name").to_list() == ["x", "wä", "|ß|", "; ßä"]


def test_an_encoding_can_be_given() -> None:
    data = "a,b\nΩmega,1\n".encode("mac_greek")
    table = read_table(io.BytesIO(data), encoding="mac_greek")
    assert (table.column("a").to_list(), table.notes) == (["Ωmega"], ())
    with pytest.raises(TableError, match="encoding is 'utf9', but Python knows no such encoding"):
        read_table(io.BytesIO(data), encoding="utf9")
    with pytest.raises(TableError, match="is not ascii text"):
        read_table(io.BytesIO(data), encoding="ascii")
