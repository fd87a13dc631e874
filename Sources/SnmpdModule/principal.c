#include "principal.h"

#include <net-snmp/library/snmpTCPDomain.h>
#include <net-snmp/library/snmpTCPIPv6Domain.h>
#include <net-snmp/library/snmpUDPDomain.h>
#include <net-snmp/library/snmpUDPIPv6Domain.h>
#include <net-snmp/library/snmpUnixDomain.h>

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/// The transports whose peers the module formats itself, as `vacm_check_view_contents` tells them apart. They are
/// variables of net-snmp, so their addresses are the identity.
static const char *ip_transport(const oid *domain) {
    if (domain == netsnmpUDPDomain)
        return "udp";
    if (domain == netsnmp_snmpTCPDomain)
        return "tcp";
    if (domain == netsnmp_UDPIPv6Domain)
        return "udp6";
    if (domain == netsnmp_TCPIPv6Domain)
        return "tcp6";
    return NULL;
}

/// The security name that com2sec gives, or NULL: the same lookup, by the same rule, as access control makes. The
/// community is an input and never leaves this function.
static const char *community_security_name(const netsnmp_pdu *pdu) {
    const char *community = pdu->community != NULL ? (const char *)pdu->community : "";
    size_t length = pdu->community != NULL ? pdu->community_len : 0;
    void *address = pdu->transport_data;
    int address_length = pdu->transport_data_length;
    const char *name = NULL, *context = NULL;
    int known = 0;

    if (pdu->tDomain == netsnmpUDPDomain || pdu->tDomain == netsnmp_snmpTCPDomain)
        known = netsnmp_udp_getSecName(address, address_length, community, length, &name, &context);
    else if (pdu->tDomain == netsnmp_UDPIPv6Domain || pdu->tDomain == netsnmp_TCPIPv6Domain)
        known = netsnmp_udp6_getSecName(address, address_length, community, (int)length, &name, &context);
    else if (pdu->tDomain == netsnmp_UnixDomain)
        known = netsnmp_unix_getSecName(address, address_length, community, length, &name, &context);
    return known ? name : NULL;
}

/// `transport:address:port`, IPv6 addresses in brackets. The data is a socket address, alone or as the first member of
/// a `netsnmp_indexed_addr_pair`, by transport.
/// @return false when it is not.
static bool format_ip(char *out, size_t capacity, const char *transport, const void *data, size_t length) {
    const struct sockaddr *address = data;
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (data == NULL || length < sizeof *address)
        return false;
    bool v6 = address->sa_family == AF_INET6;
    socklen_t address_length = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if ((!v6 && address->sa_family != AF_INET) || length < address_length ||
        getnameinfo(address, address_length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    snprintf(out, capacity, v6 ? "%s:[%s]:%s" : "%s:%s:%s", transport, host, port);
    return true;
}

/// Clients of a Unix socket have no name of their own, so the path is the one of the socket they came to.
static void format_unix(char *out, size_t capacity, const void *data, size_t length) {
    const struct sockaddr_un *address = data;
    size_t offset = offsetof(struct sockaddr_un, sun_path);
    int path_length = 0;

    if (data != NULL && length > offset && address->sun_family == AF_UNIX)
        path_length = (int)strnlen(address->sun_path, length - offset);
    snprintf(out, capacity, "unix:%.*s", path_length, path_length > 0 ? address->sun_path : "");
}

static void format_peer(char *out, size_t capacity, const netsnmp_pdu *pdu, netsnmp_session *session) {
    const char *ip = ip_transport(pdu->tDomain);
    size_t length = pdu->transport_data_length > 0 ? (size_t)pdu->transport_data_length : 0;

    out[0] = 0;
    if (ip != NULL && format_ip(out, capacity, ip, pdu->transport_data, length))
        return;
    if (pdu->tDomain == netsnmp_UnixDomain) {
        format_unix(out, capacity, pdu->transport_data, length);
        return;
    }
    struct session_list *entry = session != NULL ? snmp_sess_pointer(session) : NULL;
    netsnmp_transport *transport = entry != NULL ? snmp_sess_transport(entry) : NULL;
    if (transport == NULL || transport->f_fmtaddr == NULL)
        return;
    char *text = transport->f_fmtaddr(transport, pdu->transport_data, pdu->transport_data_length);
    if (text != NULL)
        snprintf(out, capacity, "%s", text);
    free(text);
}

struct orion_principal orion_principal_of(const netsnmp_pdu *pdu, netsnmp_session *session,
                                          char peer[ORION_PEER_MAX + 1]) {
    struct orion_principal principal = {
        .request_id = pdu->reqid,
        .transaction_id = (uint32_t)pdu->transid,
        .version = pdu->version,
        .security_model = pdu->securityModel,
        // v1 and v2c messages carry no level: they are noAuthNoPriv (RFC 3584, section 5.2.1).
        .security_level = pdu->securityLevel > 0 ? pdu->securityLevel : SNMP_SEC_LEVEL_NOAUTH,
        .context_name = {pdu->contextName, pdu->contextName != NULL ? pdu->contextNameLen : 0},
    };

    if (pdu->version == SNMP_VERSION_3) {
        size_t length = pdu->securityName != NULL ? pdu->securityNameLen : 0;
        principal.security_name = (struct orion_octets){pdu->securityName, length};
    } else {
        const char *name = community_security_name(pdu);
        principal.security_name = (struct orion_octets){name, name != NULL ? strlen(name) : 0};
    }
    format_peer(peer, ORION_PEER_MAX + 1, pdu, session);
    principal.peer = (struct orion_octets){peer, strlen(peer)};
    return principal;
}
