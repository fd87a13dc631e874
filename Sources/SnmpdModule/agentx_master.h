/// What the module uses of net-snmp's AgentX master without a public header: symbols that libnetsnmpmibs exports, and
/// constants of RFC 2741 as `agent/mibgroup/agentx/protocol.h` names them.

#ifndef ORION_AGENTX_MASTER_H
#define ORION_AGENTX_MASTER_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

/// h.version (RFC 2741, section 6.1) with the bit by which net-snmp's library tells AgentX from SNMP.
#define ORION_AGENTX_VERSION 0xC1

/// h.type of agentx-GetBulk-PDU.
#define ORION_AGENTX_GETBULK 7

/// h.flags: NON_DEFAULT_CONTEXT.
#define ORION_AGENTX_NON_DEFAULT_CONTEXT 0x08

/// h.flags: NETWORK_BYTE_ORDER.
#define ORION_AGENTX_NETWORK_BYTE_ORDER 0x10

/// The handler at the end of the chain of each AgentX registration; its `myvoid` is the session of the connection, NULL
/// while the session is being closed.
extern Netsnmp_Node_Handler agentx_master_handler;

/// The master's callback for the answer to a request, given a `netsnmp_delegated_cache` that it frees.
extern int agentx_got_response(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu, void *magic);

#endif
