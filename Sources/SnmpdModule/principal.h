/// Finds out who sent an SNMP message.

#ifndef ORION_PRINCIPAL_H
#define ORION_PRINCIPAL_H

#include "agentx_master.h"
#include "record.h"

/// Longest peer address as text, without NUL: a Unix socket path of 108 octets, or two IPv6 addresses with ports.
#define ORION_PEER_MAX 127

/// Describes the sender of `pdu`. The result points into `pdu`, into net-snmp's com2sec table and into `peer`, and is
/// good until the next of them changes.
/// @param session the session the message came on, for transports other than UDP, TCP and Unix; NULL if unknown.
struct orion_principal orion_principal_of(const netsnmp_pdu *pdu, netsnmp_session *session,
                                          char peer[ORION_PEER_MAX + 1]);

#endif
