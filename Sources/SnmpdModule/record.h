/// The principal record and the refusal event: text only, no net-snmp in here, so that they can be tested on their own.
///
/// A record is one line of ASCII after a marker byte:
///
///     <0xFF>orion1;r=<request-id>;t=<transaction>;v=<0|1|3>;u=<name>;m=<model>;l=<1..3>;c=<context>;a=<peer>
///
/// `u`, `c` and `a` are percent-encoded: letters, digits and `-._~:@/` stand for themselves, every other octet is `%XX`.
/// 0xFF occurs in no UTF-8 text, so no SnmpAdminString (RFC 3411, section 5), hence no well-formed context name, begins so.

#ifndef ORION_RECORD_H
#define ORION_RECORD_H

#include <stddef.h>
#include <stdint.h>

/// First octet of every record.
#define ORION_RECORD_MARKER "\xff"

/// Longest record in octets, without the terminating NUL. Names of 255 octets, each of them encoded as three, fit with
/// the longest socket path; so a record is whole or absent, never cut.
#define ORION_RECORD_MAX 2047

/// Longest event in octets, without the terminating NUL: a record, the lost count and an OID of 128 sub-identifiers.
#define ORION_EVENT_MAX 4095

/// What a session asks for in the description of its Open PDU; a set of flags.
enum orion_wish {
    ORION_WISH_NONE = 0,
    /// ` orion-principal=1`: a record with each TestSet.
    ORION_WISH_SET_PRINCIPAL = 1,
    /// ` orion-principal=2`: a record with each TestSet, Get, GetNext and GetBulk.
    ORION_WISH_READ_PRINCIPAL = 2,
    /// ` orion-bulk=1`: GETBULK as GetBulk PDUs.
    ORION_WISH_BULK = 4,
};

/// An octet string that somebody else owns. `octets` may be NULL when `length` is 0.
struct orion_octets {
    const char *octets;
    size_t length;
};

/// Who sent an SNMP message.
struct orion_principal {
    /// request-id of the SNMP PDU.
    long request_id;
    /// h.transactionID of the AgentX PDUs that the message causes.
    uint32_t transaction_id;
    /// msgVersion: 0 for v1, 1 for v2c, 3 for v3.
    long version;
    /// Security name; for v1 and v2c the one of com2sec, empty when the community maps to none.
    struct orion_octets security_name;
    /// Security model number (RFC 3411, SnmpSecurityModel).
    int security_model;
    /// 1 noAuthNoPriv, 2 authNoPriv, 3 authPriv.
    int security_level;
    struct orion_octets context_name;
    /// Transport and address, as `udp:192.0.2.1:4711`.
    struct orion_octets peer;
};

/// A refusal by access control.
struct orion_refusal {
    struct orion_principal principal;
    /// `get`, `getnext`, `getbulk` or `set`.
    const char *operation;
    /// VACM_* error code of net-snmp, above 0.
    int code;
    /// The refused object; sub-identifiers of net-snmp's `oid`, an unsigned long.
    const unsigned long *name;
    size_t name_length;
    /// Events before this one that could not be delivered.
    unsigned long lost;
};

/// Most entries of access control that a summary names; further ones are only counted.
#define ORION_WEAK_WRITERS_MAX 16

/// An entry of access control that lets somebody write objects of ours without encryption.
struct orion_weak_writer {
    struct orion_octets group;
    /// SnmpSecurityModel; 0 for any.
    int model;
    /// 1 noAuthNoPriv, 2 authNoPriv.
    int level;
};

/// What access control lets its users do.
struct orion_access {
    /// Names of users and communities in groups, by the least level at which they may do anything, less one.
    unsigned members[3];
    unsigned groups;
    /// All of them, also those beyond the named ones.
    unsigned weak_writers;
    struct orion_weak_writer weak[ORION_WEAK_WRITERS_MAX];
};

/// Parses the description of an Open PDU. Tokens are separated by blanks; unknown ones are ignored. NULL asks for nothing.
/// @return a set of `orion_wish`.
unsigned orion_wishes(const char *description);

/// Writes the record with its marker and a terminating NUL.
/// @return its length, or 0 when it does not fit, in which case `out` holds an empty string.
size_t orion_format_record(char *out, size_t capacity, const struct orion_principal *principal);

/// Writes a record followed by `;k=<operation>;e=<code>;o=<oid>;n=<lost>` and a terminating NUL.
/// @return its length, or 0 when it does not fit, in which case `out` holds an empty string.
size_t orion_format_refusal(char *out, size_t capacity, const struct orion_refusal *refusal);

/// Writes `<0xFF>orion1access;p=<authPriv>;a=<authNoPriv>;n=<noAuthNoPriv>;g=<groups>;w=<weak writers>`, for each of those
/// that are named `;u=<group>;m=<model>;l=<level>`, and a terminating NUL.
/// @return its length, or 0 when it does not fit, in which case `out` holds an empty string.
size_t orion_format_access(char *out, size_t capacity, const struct orion_access *access);

#endif
