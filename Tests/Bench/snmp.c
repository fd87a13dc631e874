#include "snmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int oid_parse(const char *text, struct oid *oid) {
    oid->length = 0;
    if (*text == '.') text++;
    while (*text) {
        char *end;
        unsigned long arc = strtoul(text, &end, 10);
        if (end == text || arc > UINT32_MAX || oid->length == OID_MAX) return 0;
        oid->arc[oid->length++] = arc;
        if (*end != '.' && *end != 0) return 0;
        text = *end == '.' ? end + 1 : end;
    }
    return oid->length >= 2;
}

void oid_print(const struct oid *oid, char *text, size_t size) {
    size_t used = 0;
    *text = 0;
    for (uint32_t i = 0; i < oid->length && used < size; i++)
        used += snprintf(text + used, size - used, "%s%u", i ? "." : "", oid->arc[i]);
}

int oid_compare(const struct oid *left, const struct oid *right) {
    uint32_t shared = left->length < right->length ? left->length : right->length;
    for (uint32_t i = 0; i < shared; i++)
        if (left->arc[i] != right->arc[i]) return left->arc[i] < right->arc[i] ? -1 : 1;
    return left->length < right->length ? -1 : left->length > right->length;
}

int oid_has_prefix(const struct oid *oid, const struct oid *prefix) {
    return oid->length >= prefix->length && !memcmp(oid->arc, prefix->arc, prefix->length * sizeof *prefix->arc);
}

/* Writing goes from the end of the buffer to its start, so that every length is known when it is written. */
struct writer {
    uint8_t *start, *at;
    int overflow;
};

static void put(struct writer *writer, uint8_t byte) {
    if (writer->at == writer->start) writer->overflow = 1;
    else *--writer->at = byte;
}

static void put_header(struct writer *writer, uint8_t tag, const uint8_t *end) {
    size_t length = end - writer->at;
    if (length < 0x80) {
        put(writer, length);
    } else if (length < 0x100) {
        put(writer, length);
        put(writer, 0x81);
    } else {
        put(writer, length);
        put(writer, length >> 8);
        put(writer, 0x82);
    }
    put(writer, tag);
}

static void put_integer(struct writer *writer, int64_t value) {
    const uint8_t *end = writer->at;
    for (;;) {
        put(writer, value);
        uint8_t top = value & 0x80;
        value >>= 8;
        if ((value == 0 && !top) || (value == -1 && top)) break;
    }
    put_header(writer, TYPE_INTEGER, end);
}

static void put_oid(struct writer *writer, const struct oid *oid) {
    const uint8_t *end = writer->at;
    for (uint32_t i = oid->length; i-- > 2;) {
        uint32_t arc = oid->arc[i];
        put(writer, arc & 0x7F);
        while (arc >>= 7) put(writer, 0x80 | (arc & 0x7F));
    }
    put(writer, oid->arc[0] * 40 + oid->arc[1]);
    put_header(writer, TYPE_OID, end);
}

size_t snmp_encode(uint8_t *buffer, size_t size, const char *community, const struct pdu *pdu,
                   const struct varbind *varbinds, size_t count, uint8_t **start) {
    struct writer writer = {buffer, buffer + size, 0};
    const uint8_t *end = buffer + size;
    for (size_t i = count; i-- > 0;) {
        const uint8_t *varbind_end = writer.at;
        if (varbinds[i].type == TYPE_INTEGER) put_integer(&writer, (int64_t)varbinds[i].number);
        else put_header(&writer, TYPE_NULL, writer.at);
        put_oid(&writer, &varbinds[i].name);
        put_header(&writer, 0x30, varbind_end);
    }
    put_header(&writer, 0x30, end);
    put_integer(&writer, pdu->error_index);
    put_integer(&writer, pdu->error_status);
    put_integer(&writer, pdu->request_id);
    put_header(&writer, pdu->type, end);
    const uint8_t *community_end = writer.at;
    for (size_t i = strlen(community); i-- > 0;) put(&writer, community[i]);
    put_header(&writer, TYPE_OCTETS, community_end);
    put_integer(&writer, 1); /* SNMPv2c */
    put_header(&writer, 0x30, end);
    if (writer.overflow) {
        fputs("the request does not fit a message\n", stderr);
        exit(2);
    }
    *start = writer.at;
    return end - writer.at;
}

static int get_header(struct reader *reader, uint8_t *tag, size_t *length) {
    if (reader->end - reader->at < 2) return 0;
    *tag = *reader->at++;
    *length = *reader->at++;
    if (*length & 0x80) {
        size_t bytes = *length & 0x7F;
        if (bytes == 0 || bytes > 4 || (size_t)(reader->end - reader->at) < bytes) return 0;
        for (*length = 0; bytes; bytes--) *length = *length << 8 | *reader->at++;
    }
    return *length <= (size_t)(reader->end - reader->at);
}

/* Enters a constructed value: `inner` reads what is in it, and `reader` goes on behind it. */
static int enter(struct reader *reader, uint8_t tag, struct reader *inner) {
    uint8_t found;
    size_t length;
    if (!get_header(reader, &found, &length) || (tag && found != tag)) return 0;
    *inner = (struct reader){reader->at, reader->at + length};
    reader->at += length;
    return 1;
}

static int get_integer(struct reader *reader, int32_t *value) {
    struct reader inner;
    if (!enter(reader, TYPE_INTEGER, &inner) || inner.at == inner.end || inner.end - inner.at > 4) return 0;
    uint32_t bits = *inner.at & 0x80 ? UINT32_MAX : 0;
    while (inner.at < inner.end) bits = bits << 8 | *inner.at++;
    *value = (int32_t)bits;
    return 1;
}

static int decode_oid(const uint8_t *at, const uint8_t *end, struct oid *oid) {
    oid->length = 0;
    if (at == end) return 0;
    while (at < end) {
        uint32_t arc = 0;
        do {
            if (at == end) return 0;
            arc = arc << 7 | (*at & 0x7F);
        } while (*at++ & 0x80);
        if (oid->length == 0) {
            oid->arc[0] = arc < 80 ? arc / 40 : 2;
            oid->arc[1] = arc - oid->arc[0] * 40;
            oid->length = 2;
        } else {
            if (oid->length == OID_MAX) return 0;
            oid->arc[oid->length++] = arc;
        }
    }
    return 1;
}

int snmp_decode(const uint8_t *message, size_t length, struct pdu *pdu, struct reader *varbinds) {
    struct reader whole = {message, message + length}, body, community, content;
    int32_t version;
    if (!enter(&whole, 0x30, &body) || !get_integer(&body, &version) || !enter(&body, TYPE_OCTETS, &community) ||
        body.at == body.end)
        return 0;
    pdu->type = *body.at;
    return enter(&body, 0, &content) && get_integer(&content, &pdu->request_id) &&
           get_integer(&content, &pdu->error_status) && get_integer(&content, &pdu->error_index) &&
           enter(&content, 0x30, varbinds);
}

int snmp_next_varbind(struct reader *varbinds, struct varbind *varbind) {
    struct reader inner, name;
    if (varbinds->at == varbinds->end) return 0;
    if (!enter(varbinds, 0x30, &inner) || !enter(&inner, TYPE_OID, &name)) return -1;
    if (!decode_oid(name.at, name.end, &varbind->name)) return -1;
    if (!get_header(&inner, &varbind->type, &varbind->length)) return -1;
    varbind->bytes = inner.at;
    varbind->number = 0;
    if (varbind->type == TYPE_INTEGER && varbind->length && *inner.at & 0x80) varbind->number = UINT64_MAX;
    if (varbind->type != TYPE_OCTETS && varbind->type != TYPE_OID)
        for (size_t i = 0; i < varbind->length; i++) varbind->number = varbind->number << 8 | inner.at[i];
    return 1;
}

int snmp_value_oid(const struct varbind *varbind, struct oid *oid) {
    return varbind->type == TYPE_OID && decode_oid(varbind->bytes, varbind->bytes + varbind->length, oid);
}
