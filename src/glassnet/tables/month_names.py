"""Months and weekdays in other languages than English, as English abbreviations: 3. März 2021, 3 mars 2021."""

from __future__ import annotations

from glassnet.tables._arrow import pa, pc

# The names and abbreviations of Unicode's CLDR for German, French, Spanish, Italian, Portuguese, Dutch, Danish,
# Norwegian, Swedish, Polish, Czech, Turkish and Russian, as far as no two of them have one name for two months.
MONTHS = {
    "Jan": "januar januari jänner jän janvier janv enero ene gennaio gen janeiro stycznia sty ledna ocak января янв",
    "Feb": "februar februari feber février févr fév fevrier febrero febbraio fevereiro fev lutego lut února şubat şub "
    "февраля февр фев",
    "Mar": "märz mär mrz marz mars marzo março marco maart mrt marts marca března mart марта мар",
    "Apr": "april avril avr abril abr aprile kwietnia kwi dubna nisan nis апреля апр",
    "May": "mai mayo maggio mag maio mei maj maja května mayıs мая май",
    "Jun": "juni juin junio giugno giu junho czerwca cze června haziran haz июня июн",
    "Jul": "juli juillet juil julio luglio lug julho lipca lip července temmuz tem июля июл",
    "Aug": "august août aout agosto ago augustus augusti sierpnia sie srpna ağustos ağu августа авг",
    "Sep": "september sept septembre septiembre settembre set setembro września wrz září eylül eyl сентября сент сен",
    "Oct": "oktober okt octobre octubre ottobre ott outubro out października paź října ekim eki октября окт",
    "Nov": "november novembre noviembre novembro listopada lis listopadu kasım kas ноября нояб ноя",
    "Dec": "dezember dez décembre déc decembre diciembre dic dicembre dezembro december grudnia gru prosince aralık "
    "ara декабря дек",
}
DAYS = (
    "montag mo dienstag di mittwoch mi donnerstag do freitag fr samstag sonnabend sa sonntag so lundi lun mardi "
    "mercredi mer jeudi jeu vendredi ven samedi sam dimanche dim lunes martes miércoles mié jueves jue viernes vie "
    "sábado sáb domingo dom lunedì martedì mercoledì giovedì gio venerdì sabato domenica segunda terça quarta quinta "
    "sexta segunda-feira terça-feira quarta-feira quinta-feira sexta-feira maandag ma dinsdag woensdag wo donderdag "
    "vrijdag vr zaterdag za zondag zo mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tisdag lördag söndag"
)


def _any_of(names: str) -> str:
    return "|".join(sorted(names.split(), key=len, reverse=True))


_ALL = _any_of(" ".join(MONTHS.values()))
_DAY = rf"(?i)^(?:{_any_of(DAYS)})[.,]*\s+"
_OTHERS = rf"(?i)(?:^|[^\p{{L}}])(?:{_ALL})(?:$|[^\p{{L}}])|{_DAY}\d"
_NAMES = (
    (_DAY, ""),
    *(
        (rf"(?i)(^|[^\p{{L}}])(?:{_any_of(names)})\.?($|[^\p{{L}}.])", rf"\1{month}\2")
        for month, names in MONTHS.items()
    ),
)
_ORDER = (
    (
        r"(?i)^(\d{1,2})(?:\.|er|º|°|ª)? +(?:de |di |d')?([a-z]{3})\.?,? +(?:del? )?(\d{2,4})(?: ?г\.?)?",
        r"\1 \2 \3",
    ),
    (r"(?i)^(\d{1,2})\.([a-z]{3})\.?(\d{2,4})", r"\1 \2 \3"),
    (r"(?i)^([a-z]{3}) (?:de |del )(\d{4})$", r"\1 \2"),
)


def in_english(texts: pa.Array) -> pa.Array:
    """``texts`` with the months in English, the weekday left out and the day as a bare number."""
    other = pc.any(pc.match_substring_regex(texts, _OTHERS)).as_py()
    for pattern, written in (*_NAMES, *_ORDER) if other else _ORDER:
        texts = pc.replace_substring_regex(texts, pattern, written)
    return texts
