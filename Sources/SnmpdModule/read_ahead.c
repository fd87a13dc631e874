#include "read_ahead.h"

#include "bulk_plan.h"
#include "column.h"

#include <net-snmp/agent/bulk_to_next.h>

#include <string.h>

/// Name under which a transaction carries its read-ahead.
#define LIST_NAME "orion"

/// What one GETBULK has read ahead. It belongs to the transaction and is freed with it.
struct read_ahead {
    /// The copy of the module that made it. Two are in memory when snmpd was told to load the module from a new path.
    const void *owner;
    /// Something was answered that a correct subagent does not answer. The rest of the transaction goes the master's way,
    /// which decides what to tell the manager.
    bool declined;
    size_t count;
    /// By position of the varbind in the request.
    struct orion_column columns[];
};

/// A GetBulk under way. The master's own callback takes it for the cache that it begins with, and frees it as such.
struct query {
    netsnmp_delegated_cache cache;
    struct orion_bulk_plan plan;
    /// The library is about to send it; a failure is dealt with by the sender.
    bool sending;
    /// Columns in the order of the PDU.
    size_t order[];
};

static const char this_copy;

static void free_read_ahead(void *data) {
    struct read_ahead *ahead = data;

    for (size_t i = 0; i < ahead->count; i++)
        orion_column_clear(&ahead->columns[i]);
    free(ahead);
}

/// The transaction's read-ahead, NULL when there is none.
static struct read_ahead *find_read_ahead(netsnmp_agent_request_info *info) {
    return netsnmp_agent_get_list_data(info, LIST_NAME);
}

/// Gives the transaction a read-ahead. @return NULL without memory.
static struct read_ahead *make_read_ahead(netsnmp_agent_request_info *info) {
    size_t count = info->asp->vbcount > 0 ? (size_t)info->asp->vbcount : 0;
    struct read_ahead *ahead = calloc(1, sizeof *ahead + count * sizeof ahead->columns[0]);

    if (ahead == NULL)
        return NULL;
    ahead->owner = &this_copy;
    ahead->count = count;
    netsnmp_data_list *node = netsnmp_create_data_list(LIST_NAME, ahead, free_read_ahead);
    if (node == NULL) {
        free(ahead);
        return NULL;
    }
    netsnmp_agent_add_list_data(info, node);
    return ahead;
}

static bool is_usable(const struct read_ahead *ahead) {
    return ahead != NULL && ahead->owner == &this_copy && !ahead->declined;
}

/// Column of a request. NULL only if the master numbered it beyond the varbinds it counted.
static struct orion_column *column_of(struct read_ahead *ahead, const netsnmp_request_info *request) {
    size_t position = (size_t)request->index - 1;

    return position < ahead->count ? &ahead->columns[position] : NULL;
}

/// Whether each request of the transaction is at the varbind of its column where its count of repetitions says.
///
/// It is not after access control has refused the last repetition of a column that another one follows: the master
/// raises the count although there is no varbind left, so it goes on in the following column's first one (`check_acm`,
/// `netsnmp_bulk_to_next_fix_requests`), in whatever order handlers and subagents come to it. Answering at once, where
/// the master would wait for a subagent, is another order.
static bool is_straight(const netsnmp_agent_session *transaction) {
    long repetitions = transaction->pdu->errindex, non_repeaters = transaction->pdu->errstat;
    long columns = transaction->vbcount - non_repeaters;

    for (long column = 0; column < columns && transaction->bulkcache != NULL; column++) {
        const netsnmp_request_info *request = &transaction->requests[non_repeaters + column];
        netsnmp_variable_list *const *varbinds = &transaction->bulkcache[column * repetitions];
        // Not yet searched, since nothing is registered there, or in the last column, which has none to go on to.
        if (request->requestvb == NULL ||
            (column == columns - 1 && request->requestvb == varbinds[repetitions - 1]))
            continue;
        if (request->repeat < 0 || request->repeat >= repetitions ||
            request->requestvb != varbinds[repetitions - 1 - request->repeat])
            return false;
    }
    return true;
}

/// Gives the master the next cell of each column, and has it go on to the next row.
static void give(struct read_ahead *ahead, netsnmp_request_info *requests) {
    for (netsnmp_request_info *request = requests; request != NULL; request = request->next)
        orion_column_give(column_of(ahead, request), request);
    netsnmp_bulk_to_next_fix_requests(requests);
}

/// Has the master make the pass again, and lets it: nothing of this transaction is read ahead any more.
static void decline(struct read_ahead *ahead, netsnmp_request_info *requests) {
    ahead->declined = true;
    for (size_t i = 0; i < ahead->count; i++)
        orion_column_clear(&ahead->columns[i]);
    for (netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        request->delegated = REQUEST_IS_NOT_DELEGATED;
        request->requestvb->type = ASN_PRIV_RETRY;
    }
}

bool orion_read_ahead_give(netsnmp_agent_request_info *info, netsnmp_request_info *requests,
                           const netsnmp_session *agentx) {
    struct read_ahead *ahead = find_read_ahead(info);

    if (!is_usable(ahead) || !is_straight(info->asp))
        return false;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        const struct orion_column *column = column_of(ahead, request);
        if (column == NULL || !orion_column_answers(column, request, agentx->subsession->sessid))
            return false;
    }
    give(ahead, requests);
    return true;
}

/// Hands the answer's varbinds out to the columns.
/// @return false when the answer is none that RFC 2741, section 7.2.3.3, allows.
static bool absorb(struct read_ahead *ahead, const struct query *query, netsnmp_pdu *pdu) {
    const struct orion_bulk_plan *plan = &query->plan;
    size_t asked = plan->non_repeaters + plan->repeaters, position = 0;
    size_t most = plan->non_repeaters + (size_t)plan->repeaters * plan->repetitions;

    while (pdu->variables != NULL) {
        netsnmp_variable_list *answer = pdu->variables;
        size_t place = position;

        if (position >= most)
            return false;
        if (position >= plan->non_repeaters)
            place = plan->non_repeaters + (position - plan->non_repeaters) % plan->repeaters;
        position++;
        pdu->variables = answer->next_variable;
        answer->next_variable = NULL;
        orion_column_take(&ahead->columns[query->order[place]], answer);
    }
    for (size_t i = 0; i < asked; i++)
        if (!orion_column_has_answer(&ahead->columns[query->order[i]]))
            return false;
    return true;
}

/// The subagent's answer, or the news that there will be none.
static int on_answer(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu, void *magic) {
    struct query *query = magic;

    if (query->sending)
        return 0;
    // Out of time: the master's callback ends the session, and with it the transaction.
    if (operation == NETSNMP_CALLBACK_OP_TIMED_OUT || operation == NETSNMP_CALLBACK_OP_RESEND)
        return agentx_got_response(operation, session, request_id, pdu, magic);

    netsnmp_delegated_cache *cache = netsnmp_handler_check_cache(&query->cache);
    // The transaction is over, because another of its sessions failed.
    if (cache == NULL) {
        free(query);
        return 1;
    }
    if (operation != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
        // A resend failed. The end of the connection is about to be read, and is dealt with there.
        for (netsnmp_request_info *request = cache->requests; request != NULL; request = request->next)
            request->delegated = REQUEST_IS_NOT_DELEGATED;
        netsnmp_set_request_error(cache->reqinfo, cache->requests, SNMP_ERR_GENERR);
        free(query);
        return 0;
    }
    CLEAR_SNMP_STRIKE_FLAGS(session->flags);

    struct read_ahead *ahead = find_read_ahead(cache->reqinfo);
    // Declined: another session has answered its part of this transaction wrongly meanwhile.
    if (!ahead->declined && pdu->errstat == SNMP_ERR_NOERROR && absorb(ahead, query, pdu))
        give(ahead, cache->requests);
    else
        decline(ahead, cache->requests);
    free(query);
    return 1;
}

/// What the master may still collect before it finds the message full, in its own measure (`handle_getnext_loop`).
static size_t room_of(const netsnmp_pdu *pdu) {
    size_t used = 0, limit = pdu->msgMaxSize > 0 ? (size_t)pdu->msgMaxSize : 0;

    for (const netsnmp_variable_list *variable = pdu->variables; variable; variable = variable->next_variable)
        if (variable->type != ASN_PRIV_RETRY && (variable->type != ASN_NULL || variable->name_length > 0))
            used += variable->name_length + variable->val_len;
    return used < limit ? limit - used : 0;
}

/// A query for the requests that their columns have no answer to. NULL when the master's own way is as good, or without
/// memory.
static struct query *plan_query(struct read_ahead *ahead, netsnmp_agent_request_info *info,
                                const netsnmp_request_info *requests, size_t hits, size_t misses, long session_id) {
    struct query *query = calloc(1, sizeof *query + misses * sizeof query->order[0]);
    struct orion_bulk_column *wants = calloc(misses, sizeof *wants);
    size_t i = 0;

    if (query == NULL || wants == NULL)
        goto give_up;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        struct orion_column *column = column_of(ahead, request);
        if (orion_column_answers(column, request, session_id))
            continue;
        query->order[i] = (size_t)request->index - 1;
        wants[i].wanted = orion_column_depth(column, request);
        wants[i++].name_length = orion_column_name_length(request);
    }
    query->plan = orion_plan_bulk(wants, misses, room_of(info->asp->pdu));
    if (query->plan.repetitions < 2 && hits == 0) {
        for (i = 0; i < misses; i++)
            ahead->columns[query->order[i]].used = 1;
        goto give_up;
    }

    size_t single = 0, repeater = query->plan.non_repeaters;
    i = 0;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next)
        if (!orion_column_answers(column_of(ahead, request), request, session_id))
            query->order[wants[i++].wanted < 2 ? single++ : repeater++] = (size_t)request->index - 1;
    free(wants);
    return query;

give_up:
    free(wants);
    free(query);
    return NULL;
}

static netsnmp_pdu *build_pdu(const struct read_ahead *ahead, const struct query *query,
                              const netsnmp_agent_request_info *info, const netsnmp_session *agentx,
                              const char *context) {
    netsnmp_pdu *pdu = snmp_pdu_create(ORION_AGENTX_GETBULK);
    size_t asked = query->plan.non_repeaters + query->plan.repeaters;

    if (pdu == NULL)
        return NULL;
    pdu->version = ORION_AGENTX_VERSION;
    pdu->reqid = snmp_get_next_transid();
    pdu->transid = info->asp->pdu->transid;
    pdu->sessid = agentx->subsession->sessid;
    pdu->non_repeaters = query->plan.non_repeaters;
    pdu->max_repetitions = query->plan.repetitions;
    pdu->flags |= agentx->subsession->flags & ORION_AGENTX_NETWORK_BYTE_ORDER;
    if (context != NULL) {
        pdu->community = (u_char *)strdup(context);
        if (pdu->community == NULL)
            goto give_up;
        pdu->community_len = strlen(context);
        pdu->flags |= ORION_AGENTX_NON_DEFAULT_CONTEXT;
    }
    for (size_t i = 0; i < asked; i++) {
        const netsnmp_variable_list *search = ahead->columns[query->order[i]].search;
        if (snmp_pdu_add_variable(pdu, search->name, search->name_length, search->type, search->val.string,
                                  search->val_len) == NULL)
            goto give_up;
    }
    return pdu;

give_up:
    snmp_free_pdu(pdu);
    return NULL;
}

/// Sends the query. The pass waits for the answer as a whole, also the columns that are not asked about.
static void send_query(struct read_ahead *ahead, struct query *query, netsnmp_pdu *pdu, netsnmp_session *agentx) {
    netsnmp_request_info *requests = query->cache.requests;

    for (netsnmp_request_info *request = requests; request != NULL; request = request->next)
        request->delegated = REQUEST_IS_DELEGATED;
    query->sending = true;
    if (snmp_async_send(agentx, pdu, on_answer, query) != 0) {
        query->sending = false;
        return;
    }
    snmp_free_pdu(pdu);
    free(query);
    decline(ahead, requests);
}

bool orion_read_ahead_fetch(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                            netsnmp_agent_request_info *info, netsnmp_request_info *requests, netsnmp_session *agentx,
                            const char *context) {
    struct read_ahead *ahead = find_read_ahead(info);
    long session_id = agentx->subsession->sessid;
    size_t hits = 0, misses = 0;

    if (ahead == NULL)
        ahead = make_read_ahead(info);
    if (!is_usable(ahead))
        return false;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        const struct orion_column *column = column_of(ahead, request);
        if (column == NULL)
            return false;
        if (orion_column_answers(column, request, session_id))
            hits++;
        else
            misses++;
    }
    struct query *query = plan_query(ahead, info, requests, hits, misses, session_id);
    if (query == NULL)
        return false;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        struct orion_column *column = column_of(ahead, request);
        if (orion_column_answers(column, request, session_id))
            continue;
        if (!orion_column_search(column, request, session_id)) {
            free(query);
            return false;
        }
    }
    netsnmp_pdu *pdu = build_pdu(ahead, query, info, agentx, context);
    if (pdu == NULL) {
        free(query);
        return false;
    }
    query->cache = (netsnmp_delegated_cache){
        .transaction_id = info->asp->pdu->transid,
        .handler = handler,
        .reginfo = registration,
        .reqinfo = info,
        .requests = requests,
        .localinfo = agentx,
    };
    send_query(ahead, query, pdu, agentx);
    return true;
}
