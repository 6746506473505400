/* Read a whole number of at most most digits, and at least least; -1 if there is none. */
static inline int NAME_digits(const char **at, const char *end, int least, int most)
{
    int found = 0, count = 0;
    while (*at < end && count < most && **at >= '0' && **at <= '9') {
        found = found * 10 + (**at - '0');
        (*at)++;
        count++;
    }
    return count < least ? -1 : found;
}

/* Days since 1970 of a day of the Gregorian calendar. */
static inline long NAME_days(long year, long month, long day)
{
    long era, of_era, of_year;
    year -= month <= 2;
    era = (year >= 0 ? year : year - 399) / 400;
    of_era = year - era * 400;
    of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static inline int NAME_month(const char **at, const char *end)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    int month, i;
    if (end - *at < 3) {
        return -1;
    }
    for (month = 0; month < 12; month++) {
        for (i = 0; i < 3 && NAME_lower((*at)[i]) == names[3 * month + i]; i++) {
        }
        if (i == 3) {
            *at += 3;
            return month + 1;
        }
    }
    return -1;
}

/* Seconds since midnight of hh:mm[:ss[.fraction]] [AM|PM] [zone] up to the end; NAN if it is none. */
static inline double NAME_clock(const char *at, const char *end)
{
    int hours = NAME_digits(&at, end, 1, 2), minutes, seconds = 0, east = 0, own;
    if (hours < 0 || at == end || *at != ':') {
        return NAN;
    }
    at++;
    minutes = NAME_digits(&at, end, 2, 2);
    if (at < end && *at == ':') {
        at++;
        seconds = NAME_digits(&at, end, 2, 2);
    }
    if (minutes < 0 || seconds < 0) {
        return NAN;
    }
    if (at < end && (*at == '.' || *at == ',')) {
        for (at++; at < end && *at >= '0' && *at <= '9'; at++) {
        }
    }
    while (at < end && NAME_is_blank(*at)) {
        at++;
    }
    if (end - at >= 2 && (NAME_lower(*at) == 'a' || NAME_lower(*at) == 'p') && NAME_lower(at[1]) == 'm') {
        hours = hours <= 12 ? hours % 12 + (NAME_lower(*at) == 'p' ? 12 : 0) : hours;
        at += 2;
    }
    while (at < end && NAME_is_blank(*at)) {
        at++;
    }
    if (end - at == 1 && *at == 'Z') {
        at++;
    } else if (end - at == 3 && (strncmp(at, "UTC", 3) == 0 || strncmp(at, "GMT", 3) == 0)) {
        at += 3;
    } else if (at < end && (*at == '+' || *at == '-')) {
        const int sign = *at == '-' ? -1 : 1;
        at++;
        own = NAME_digits(&at, end, 2, 2);
        east = own * 3600;
        if (at < end) {
            at += *at == ':';
            own = own < 0 ? own : NAME_digits(&at, end, 2, 2);
            east += own * 60;
        }
        if (own < 0) {
            return NAN;
        }
        east *= sign;
    }
    return at == end ? (double)(hours * 3600 + minutes * 60 + seconds - east) : NAN;
}

/* Seconds since 1970 of a text that is written as form says, with a time of day or without; NAN if it is not.
   Years of two digits are among the hundred years from first. */
static inline double NAME_date(NAME_text text, const char *form, int first)
{
    const char *at = text.start, *end = text.start + text.length;
    int year = -1, month = 1, day = 1;
    double seconds = 0.0;
    static const int longest[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (; *form != '\0'; form++) {
        if (*form == '%') {
            form++;
            if (*form == 'Y') {
                year = NAME_digits(&at, end, 4, 4);
            } else if (*form == 'y') {
                year = NAME_digits(&at, end, 2, 2);
                year = year < 0 ? year : first + ((year - first) % 100 + 100) % 100;
            } else if (*form == 'm') {
                month = NAME_digits(&at, end, 1, 2);
            } else if (*form == 'd') {
                day = NAME_digits(&at, end, 1, 2);
            } else {
                month = NAME_month(&at, end);
            }
        } else if (*form == ' ') {
            while (at < end && NAME_is_blank(*at)) {
                at++;
            }
        } else if (at < end && *at == *form) {
            at++;
        } else {
            return NAN;
        }
    }
    if (year < 1000 || month < 1 || month > 12 || day < 1 || day > longest[month - 1]) {
        return NAN;
    }
    if (month == 2 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0))) {
        return NAN;
    }
    if (at < end) {
        if (*at != 'T' && *at != ' ' && *at != ',') {
            return NAN;
        }
        at++;
        while (at < end && NAME_is_blank(*at)) {
            at++;
        }
        seconds = NAME_clock(at, end);
    }
    return (double)NAME_days(year, month, day) * 86400.0 + seconds;
}
