#include "record.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/// Text being written into a buffer of fixed size. Once something did not fit, nothing more is written.
struct text {
    char *out;
    size_t capacity;
    size_t length;
    bool overflow;
};

static void append(struct text *text, const char *octets, size_t length) {
    if (text->overflow || length >= text->capacity - text->length) {
        text->overflow = true;
        return;
    }
    memcpy(text->out + text->length, octets, length);
    text->length += length;
}

__attribute__((format(printf, 2, 3))) static void append_format(struct text *text, const char *format, ...) {
    char piece[64];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof piece)
        text->overflow = true;
    else
        append(text, piece, (size_t)length);
}

/// RFC 3986 unreserved characters and those of addresses. The locale has no say, hence no isalnum().
static bool is_plain(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("-._~:@/", c) != NULL);
}

static void append_encoded(struct text *text, struct orion_octets value) {
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < value.length; i++) {
        unsigned char c = (unsigned char)value.octets[i];
        char encoded[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (is_plain(c))
            append(text, (const char *)&c, 1);
        else
            append(text, encoded, sizeof encoded);
    }
}

static void append_record(struct text *text, const struct orion_principal *principal) {
    append(text, ORION_RECORD_MARKER, 1);
    append_format(text, "orion1;r=%ld;t=%lu;v=%ld;u=", principal->request_id, (unsigned long)principal->transaction_id,
                  principal->version);
    append_encoded(text, principal->security_name);
    append_format(text, ";m=%d;l=%d;c=", principal->security_model, principal->security_level);
    append_encoded(text, principal->context_name);
    append(text, ";a=", 3);
    append_encoded(text, principal->peer);
}

static size_t finish(struct text *text) {
    if (text->overflow)
        text->length = 0;
    text->out[text->length] = 0;
    return text->length;
}

size_t orion_format_record(char *out, size_t capacity, const struct orion_principal *principal) {
    struct text text = {.out = out, .capacity = capacity};

    append_record(&text, principal);
    return finish(&text);
}

size_t orion_format_refusal(char *out, size_t capacity, const struct orion_refusal *refusal) {
    struct text text = {.out = out, .capacity = capacity};

    append_record(&text, &refusal->principal);
    append_format(&text, ";k=%s;e=%d;o=", refusal->operation, refusal->code);
    for (size_t i = 0; i < refusal->name_length; i++)
        append_format(&text, i == 0 ? "%lu" : ".%lu", refusal->name[i]);
    append_format(&text, ";n=%lu", refusal->lost);
    return finish(&text);
}

size_t orion_format_access(char *out, size_t capacity, const struct orion_access *access) {
    struct text text = {.out = out, .capacity = capacity};

    append(&text, ORION_RECORD_MARKER, 1);
    append_format(&text, "orion1access;p=%u;a=%u;n=%u", access->members[2], access->members[1], access->members[0]);
    append_format(&text, ";g=%u;w=%u", access->groups, access->weak_writers);
    for (unsigned i = 0; i < access->weak_writers && i < ORION_WEAK_WRITERS_MAX; i++) {
        append(&text, ";u=", 3);
        append_encoded(&text, access->weak[i].group);
        append_format(&text, ";m=%d;l=%d", access->weak[i].model, access->weak[i].level);
    }
    return finish(&text);
}

unsigned orion_wishes(const char *description) {
    static const struct {
        const char *token;
        unsigned wishes;
    } known[] = {
        {"orion-principal=1", ORION_WISH_SET_PRINCIPAL},
        {"orion-principal=2", ORION_WISH_SET_PRINCIPAL | ORION_WISH_READ_PRINCIPAL},
        {"orion-bulk=1", ORION_WISH_BULK},
    };
    unsigned wishes = ORION_WISH_NONE;

    while (description != NULL && *description != 0) {
        size_t length = strcspn(description, " ");
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (length == strlen(known[i].token) && memcmp(description, known[i].token, length) == 0)
                wishes |= known[i].wishes;
        description += length;
        description += strspn(description, " ");
    }
    return wishes;
}
