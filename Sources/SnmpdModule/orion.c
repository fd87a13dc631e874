/// The module that snmpd loads by `dlmod orion PATH`. For AgentX sessions that ask for it in the description of their Open
/// PDU it puts the principal of each request into the context field, and passes GETBULK on as GetBulk PDUs.
///
/// A handler of the module sits in front of the master's own in each registration of such a session. It is never taken
/// out: snmpd frees it with the registration. While the module is not loaded (between the two halves of a reload, or
/// after its line has gone from the configuration) the handler only passes on, which is why the library is linked with
/// `-z nodelete`: the code stays, whatever becomes of the file.

#include "agentx_master.h"
#include "principal.h"
#include "read_ahead.h"
#include "record.h"
#include "refusals.h"

#include <net-snmp/agent/agent_callbacks.h>

#include <stdbool.h>
#include <string.h>

#define HANDLER_NAME "orion"

static bool loaded;

/// The connection's session as the master's handler further down the chain knows it. NULL when it is being closed.
static netsnmp_session *agentx_session(const netsnmp_mib_handler *handler) {
    for (const netsnmp_mib_handler *next = handler->next; next != NULL; next = next->next)
        if (next->access_method == agentx_master_handler)
            return next->myvoid;
    return NULL;
}

/// Calls the rest of the chain with `context` for the context field of the PDU that comes of it.
static int call_with_context(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                             netsnmp_agent_request_info *info, netsnmp_request_info *requests, char *context) {
    char *own = registration->contextName;

    registration->contextName = context;
    int result = netsnmp_call_next_handler(handler, registration, info, requests);
    registration->contextName = own;
    return result;
}

/// Whether the session asks for the principal of requests of this mode. The later phases of a SET carry no context field.
static bool wants_principal(unsigned wishes, int mode) {
    switch (mode) {
    case MODE_SET_RESERVE1:
        return (wishes & ORION_WISH_SET_PRINCIPAL) != 0;
    case MODE_GET:
    case MODE_GETNEXT:
    case MODE_GETBULK:
        return (wishes & ORION_WISH_READ_PRINCIPAL) != 0;
    default:
        return false;
    }
}

/// The module's handler, for each phase of each request to a registration it attends to.
static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                  netsnmp_agent_request_info *info, netsnmp_request_info *requests) {
    netsnmp_session *agentx = agentx_session(handler);

    if (!loaded || agentx == NULL || agentx->subsession == NULL)
        return netsnmp_call_next_handler(handler, registration, info, requests);

    // The PDU will be addressed to the connection's newest session, so that one's wishes count.
    unsigned wishes = orion_wishes(agentx->subsession->securityName);
    bool reads_ahead = info->mode == MODE_GETBULK && (wishes & ORION_WISH_BULK);
    if (reads_ahead && orion_read_ahead_give(info, requests, agentx))
        return SNMP_ERR_NOERROR;

    char peer[ORION_PEER_MAX + 1], record[ORION_RECORD_MAX + 1];
    char *context = registration->contextName;
    if (wants_principal(wishes, info->mode)) {
        struct orion_principal principal = orion_principal_of(info->asp->pdu, info->asp->session, peer);
        if (orion_format_record(record, sizeof record, &principal) > 0)
            context = record;
        else
            snmp_log(LOG_ERR, "orion: the principal of a request does not fit its record\n");
    }
    if (reads_ahead && orion_read_ahead_fetch(handler, registration, info, requests, agentx, context))
        return SNMP_ERR_NOERROR;
    return call_with_context(handler, registration, info, requests, context);
}

/// Puts the handler in front of an AgentX registration, unless it is there already.
static void inject(netsnmp_handler_registration *registration) {
    bool is_agentx = false;

    if (registration == NULL)
        return;
    for (const netsnmp_mib_handler *present = registration->handler; present != NULL; present = present->next) {
        if (present->access_method == handle)
            return;
        is_agentx = is_agentx || present->access_method == agentx_master_handler;
    }
    if (!is_agentx)
        return;
    netsnmp_mib_handler *handler = netsnmp_create_handler(HANDLER_NAME, handle);
    if (handler == NULL || netsnmp_inject_handler(registration, handler) != SNMPERR_SUCCESS)
        snmp_log(LOG_ERR, "orion: cannot attend to a registration, out of memory\n");
}

/// Attends to the pieces of registrations in the list that starts at `first`, up to `end` (NULL: to its end). Where
/// another registration lies inside one, snmpd has cut it into pieces, each with a chain of handlers of its own.
/// @param session the session whose registrations are meant, NULL for all.
static void attend(netsnmp_subtree *first, const oid *end, size_t end_length, const netsnmp_session *session) {
    for (netsnmp_subtree *piece = first; piece != NULL; piece = piece->next) {
        if (end != NULL && snmp_oid_compare(piece->start_a, piece->start_len, end, end_length) >= 0)
            return;
        for (netsnmp_subtree *layer = piece; layer != NULL; layer = layer->children)
            if (layer->session != NULL && (session == NULL || layer->session == session) &&
                orion_wishes(layer->session->securityName) != ORION_WISH_NONE)
                inject(layer->reginfo);
    }
}

static int on_register(int major, int minor, void *server_argument, void *client_argument) {
    const struct register_parameters *parameters = server_argument;
    (void)major, (void)minor, (void)client_argument;

    if (parameters->session == NULL || parameters->namelen == 0 || parameters->namelen > MAX_OID_LEN ||
        orion_wishes(parameters->session->securityName) == ORION_WISH_NONE)
        return SNMPERR_SUCCESS;
    oid end[MAX_OID_LEN];
    size_t length = parameters->namelen;
    memcpy(end, parameters->name, length * sizeof(oid));
    if (parameters->range_subid > 0 && (size_t)parameters->range_subid <= length) {
        end[parameters->range_subid - 1] = parameters->range_ubound;
        length = (size_t)parameters->range_subid;
    }
    end[length - 1]++;
    netsnmp_subtree *first =
        netsnmp_subtree_find(parameters->name, parameters->namelen, NULL, parameters->contextName);
    attend(first, end, length, parameters->session);
    return SNMPERR_SUCCESS;
}

/// The module reads structures of libnetsnmpagent that may change from one minor version to the next.
static bool is_known_version(void) {
    const char *version = netsnmp_get_version(), *built_for = PACKAGE_VERSION;
    size_t length = strcspn(built_for, ".");

    length += 1 + strcspn(built_for + length + 1, ".");
    return strncmp(version, built_for, length) == 0 && (version[length] == '.' || version[length] == 0);
}

/// Called by snmpd when it loads the module, also on SIGHUP after `deinit_orion`.
__attribute__((visibility("default"))) void init_orion(void) {
    if (loaded)
        return;
    if (!is_known_version()) {
        snmp_log(LOG_ERR, "orion: built for net-snmp " PACKAGE_VERSION ", snmpd runs %s: doing nothing\n",
                 netsnmp_get_version());
        return;
    }
    loaded = true;
    orion_refusals_start();
    netsnmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_REGISTER_OID, on_register, NULL,
                              NETSNMP_CALLBACK_LOWEST_PRIORITY);
    // Sessions that were there before the module.
    for (subtree_context_cache *context = get_top_context_cache(); context != NULL; context = context->next)
        attend(context->first_subtree, NULL, 0, NULL);
    snmp_log(LOG_INFO, "orion: module loaded\n");
}

/// Called by snmpd when it unloads the module, also on SIGHUP before it reads its configuration.
__attribute__((visibility("default"))) void deinit_orion(void) {
    if (!loaded)
        return;
    loaded = false;
    snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_REGISTER_OID, on_register, NULL, 0);
    orion_refusals_stop();
}
