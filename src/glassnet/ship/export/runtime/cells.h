#include <math.h>
#include <stddef.h>
#include <string.h>

/* A text without the blanks around it; start is NULL if it is missing. */
typedef struct {
    const char *start;
    size_t length;
} NAME_text;

static inline int NAME_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char NAME_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Whether a text is word, which is in lower case if folded. */
static inline int NAME_is(NAME_text text, const char *word, int folded)
{
    size_t i;
    if (strlen(word) != text.length) {
        return 0;
    }
    for (i = 0; i < text.length; i++) {
        if ((folded ? NAME_lower(text.start[i]) : text.start[i]) != word[i]) {
            return 0;
        }
    }
    return 1;
}

/* A text as it is read: missing if it is NULL, or one of the words. */
static inline NAME_text NAME_read(const char *text, const char *const *words, size_t count)
{
    NAME_text found = {NULL, 0};
    size_t i;
    if (text == NULL) {
        return found;
    }
    while (NAME_is_blank(*text)) {
        text++;
    }
    found.start = text;
    found.length = strlen(text);
    while (found.length > 0 && NAME_is_blank(text[found.length - 1])) {
        found.length--;
    }
    for (i = 0; i < count; i++) {
        if (NAME_is(found, words[i], 0)) {
            found.start = NULL;
            break;
        }
    }
    return found;
}

/* The number that belongs to a text among keys; other if it is none. */
static inline double NAME_look_up(NAME_text text, const char *const *keys, const double *numbers, size_t count,
                                  int folded, double other)
{
    size_t i;
    for (i = 0; i < count; i++) {
        if (NAME_is(text, keys[i], folded)) {
            return numbers[i];
        }
    }
    return other;
}

/* The same for a number. */
static inline double NAME_look_up_number(double value, const double *keys, const double *numbers, size_t count,
                                         double other)
{
    size_t i;
    for (i = 0; i < count; i++) {
        if (value <= keys[i] && value >= keys[i]) {
            return numbers[i];
        }
    }
    return other;
}

static inline int NAME_same(double a, double b)
{
    return a <= b && a >= b;
}

static inline double NAME_clip(double z, double low, double high)
{
    return z < low ? low : z > high ? high : z;
}

static inline double NAME_soft_clip(double z, double limit)
{
    return z / sqrt(1.0 + (z / limit) * (z / limit));
}
