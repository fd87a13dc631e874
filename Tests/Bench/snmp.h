/* The little SNMPv2c that the load client and the trap receiver need: BER by hand, no library in the measured path. */
#ifndef BENCH_SNMP_H
#define BENCH_SNMP_H

#include <stddef.h>
#include <stdint.h>

enum {
    SNMP_MESSAGE_MAX = 65536,
    OID_MAX = 128,

    PDU_GET = 0xA0,
    PDU_GETNEXT = 0xA1,
    PDU_RESPONSE = 0xA2,
    PDU_SET = 0xA3,
    PDU_GETBULK = 0xA5,
    PDU_INFORM = 0xA6,
    PDU_TRAP = 0xA7,

    TYPE_INTEGER = 0x02,
    TYPE_OCTETS = 0x04,
    TYPE_NULL = 0x05,
    TYPE_OID = 0x06,
    TYPE_COUNTER32 = 0x41,
    TYPE_GAUGE32 = 0x42,
    TYPE_TIMETICKS = 0x43,
    TYPE_COUNTER64 = 0x46,
    TYPE_END_OF_MIB_VIEW = 0x82, /* 0x80 and 0x81 are noSuchObject and noSuchInstance */
};

struct oid {
    uint32_t length;
    uint32_t arc[OID_MAX];
};

struct varbind {
    struct oid name;
    uint8_t type;
    uint64_t number;      /* integers, counters, ticks; two's complement for INTEGER */
    const uint8_t *bytes; /* the encoded value, inside the message it was read from */
    size_t length;
};

struct pdu {
    uint8_t type;
    int32_t request_id;
    int32_t error_status; /* non-repeaters in a GETBULK */
    int32_t error_index;  /* max-repetitions in a GETBULK */
};

struct reader {
    const uint8_t *at, *end;
};

/* Dotted text to an OID; 0 when the text is none. */
int oid_parse(const char *text, struct oid *oid);
void oid_print(const struct oid *oid, char *text, size_t size);
int oid_compare(const struct oid *left, const struct oid *right);
int oid_has_prefix(const struct oid *oid, const struct oid *prefix);

/* Encodes a v2c message into the end of `buffer`; returns its length and sets `*start` to it. A varbind whose type is
   TYPE_INTEGER carries its number, any other one NULL. */
size_t snmp_encode(uint8_t *buffer, size_t size, const char *community, const struct pdu *pdu,
                   const struct varbind *varbinds, size_t count, uint8_t **start);

/* Reads a message up to its varbinds, which `varbinds` then yields; 0 when it is malformed. */
int snmp_decode(const uint8_t *message, size_t length, struct pdu *pdu, struct reader *varbinds);
/* The next varbind: 1, or 0 at the end, or -1 when it is malformed. */
int snmp_next_varbind(struct reader *varbinds, struct varbind *varbind);
/* The value of a varbind of TYPE_OID; 0 when it is malformed. */
int snmp_value_oid(const struct varbind *varbind, struct oid *oid);

#endif
