#include "read_ahead.h"

#include "bulk_plan.h"

#include <net-snmp/agent/bulk_to_next.h>

#include <string.h>

/// Name under which a transaction carries its read-ahead.
#define LIST_NAME "orion"

/// One column of a GETBULK: a search and the answers to it that have not been used yet.
struct column {
    /// The search as it was sent: where it starts (type says whether inclusive), the end of the range as value; then the
    /// answers in order. NULL as long as the column has not been searched.
    netsnmp_variable_list *search;
    /// The last element of that list which the master has been given; at first the search itself.
    netsnmp_variable_list *given;
    /// The last element of the list.
    netsnmp_variable_list *last;
    /// The range holds nothing beyond the last answer.
    bool ended;
    /// The rest of what the current query brings for this column is of no use.
    bool closed;
    /// Session that was asked.
    long session_id;
};

/// What one GETBULK has read ahead. It belongs to the transaction and is freed with it.
struct read_ahead {
    /// The copy of the module that made it. Two are in memory when snmpd was told to load the module from a new path.
    const void *owner;
    /// Something was answered that a correct subagent does not answer. The rest of the transaction goes the master's way,
    /// which decides what to tell the manager.
    bool declined;
    size_t count;
    /// By position of the varbind in the request.
    struct column columns[];
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

static void clear_column(struct column *column) {
    snmp_free_varbind(column->search);
    memset(column, 0, sizeof *column);
}

static void free_read_ahead(void *data) {
    struct read_ahead *ahead = data;

    for (size_t i = 0; i < ahead->count; i++)
        clear_column(&ahead->columns[i]);
    free(ahead);
}

/// The transaction's read-ahead, NULL when there is none.
static struct read_ahead *find_read_ahead(netsnmp_agent_request_info *info) {
    return netsnmp_agent_get_list_data(info, LIST_NAME);
}

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
static struct column *column_of(struct read_ahead *ahead, const netsnmp_request_info *request) {
    size_t position = (size_t)request->index - 1;

    return position < ahead->count ? &ahead->columns[position] : NULL;
}

/// Where a request's search starts: at its name, or at the beginning of the subtree when the name lies before it.
struct start {
    const oid *name;
    size_t length;
    bool inclusive;
};

static struct start start_of(const netsnmp_request_info *request) {
    const netsnmp_variable_list *variable = request->requestvb;
    const netsnmp_subtree *subtree = request->subtree;

    if (snmp_oid_compare(variable->name, variable->name_length, subtree->start_a, subtree->start_len) < 0)
        return (struct start){subtree->start_a, subtree->start_len, true};
    return (struct start){variable->name, variable->name_length, request->inclusive != 0};
}

static bool has_answer(const struct column *column) {
    return column->search != NULL && (column->given->next_variable != NULL || column->ended);
}

/// Whether the column's next answer is the answer to this request.
static bool answers(const struct column *column, const netsnmp_request_info *request, long session_id) {
    if (!has_answer(column) || column->session_id != session_id)
        return false;
    struct start start = start_of(request);
    const netsnmp_variable_list *given = column->given;
    bool inclusive = given == column->search && given->type == ASN_PRIV_INCL_RANGE;
    size_t end_length = column->search->val_len / sizeof(oid);

    return start.inclusive == inclusive &&
           netsnmp_oid_equals(start.name, start.length, given->name, given->name_length) == 0 &&
           netsnmp_oid_equals(request->range_end, request->range_end_len, column->search->val.objid, end_length) == 0;
}

/// Gives the master the next cell of each column, as `agentx_got_response` does. Where the range has ended the varbind
/// stays as it is, and the master goes on to the next subtree.
static void give(struct read_ahead *ahead, netsnmp_request_info *requests) {
    for (netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        struct column *column = column_of(ahead, request);
        const netsnmp_variable_list *answer = column->given->next_variable;

        request->delegated = REQUEST_IS_NOT_DELEGATED;
        request->inclusive = 0;
        if (answer == NULL)
            continue;
        snmp_set_var_typed_value(request->requestvb, answer->type, answer->val.string, answer->val_len);
        snmp_set_var_objid(request->requestvb, answer->name, answer->name_length);
        column->given = column->given->next_variable;
    }
    netsnmp_bulk_to_next_fix_requests(requests);
}

/// Has the master make the pass again, and lets it: nothing of this transaction is read ahead any more.
static void decline(struct read_ahead *ahead, netsnmp_request_info *requests) {
    ahead->declined = true;
    for (size_t i = 0; i < ahead->count; i++)
        clear_column(&ahead->columns[i]);
    for (netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        request->delegated = REQUEST_IS_NOT_DELEGATED;
        request->requestvb->type = ASN_PRIV_RETRY;
    }
}

static bool is_value(u_char type) {
    switch (type) {
    case ASN_INTEGER:
    case ASN_OCTET_STR:
    case ASN_OBJECT_ID:
    case ASN_IPADDRESS:
    case ASN_COUNTER:
    case ASN_GAUGE:
    case ASN_TIMETICKS:
    case ASN_OPAQUE:
    case ASN_COUNTER64:
        return true;
    default:
        return false;
    }
}

/// Whether `answer` may follow what the column holds: a value, further on, and inside the range.
static bool continues(const struct column *column, const netsnmp_variable_list *answer) {
    const netsnmp_variable_list *last = column->last, *search = column->search;
    int order = snmp_oid_compare(answer->name, answer->name_length, last->name, last->name_length);
    bool may_equal = last == search && search->type == ASN_PRIV_INCL_RANGE;
    size_t end_length = search->val_len / sizeof(oid);

    return is_value(answer->type) && (order > 0 || (order == 0 && may_equal)) &&
           snmp_oid_compare(answer->name, answer->name_length, search->val.objid, end_length) < 0;
}

/// Hands the answer's varbinds out to the columns. A column takes them up to the end of its range, or to the first that
/// is not in order: from there it will be asked again.
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

        struct column *column = &ahead->columns[query->order[place]];
        if (!column->closed && continues(column, answer)) {
            column->last->next_variable = answer;
            column->last = answer;
            continue;
        }
        if (!column->closed && answer->type == SNMP_ENDOFMIBVIEW)
            column->ended = true;
        column->closed = true;
        snmp_free_var(answer);
    }
    for (size_t i = 0; i < asked; i++)
        if (!has_answer(&ahead->columns[query->order[i]]))
            return false;
    return true;
}

/// The subagent's answer, or the news that there will be none.
static int on_answer(int operation, netsnmp_session *session, int request_id, netsnmp_pdu *pdu, void *magic) {
    struct query *query = magic;

    if (query->sending)
        return 0;
    // With the connection gone, or the request out of time, the master's callback ends the session and the transaction.
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
    struct orion_bulk_column *needs = calloc(misses, sizeof *needs);
    size_t i = 0;

    if (query == NULL || needs == NULL)
        goto give_up;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        if (answers(column_of(ahead, request), request, session_id))
            continue;
        needs[i].needed = request->repeat > 0 ? (unsigned)request->repeat + 1 : 1;
        needs[i++].name_length = start_of(request).length;
    }
    query->plan = orion_plan_bulk(needs, misses, room_of(info->asp->pdu));
    if (query->plan.repetitions < 2 && hits == 0)
        goto give_up;

    size_t single = 0, repeater = query->plan.non_repeaters;
    i = 0;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        if (answers(column_of(ahead, request), request, session_id))
            continue;
        query->order[needs[i++].needed < 2 ? single++ : repeater++] = (size_t)request->index - 1;
    }
    free(needs);
    return query;

give_up:
    free(needs);
    free(query);
    return NULL;
}

/// Begins a new search in the request's column. @return false without memory.
static bool begin_search(struct column *column, const netsnmp_request_info *request, long session_id) {
    struct start start = start_of(request);

    clear_column(column);
    if (snmp_varlist_add_variable(&column->search, start.name, start.length,
                                  start.inclusive ? ASN_PRIV_INCL_RANGE : ASN_PRIV_EXCL_RANGE, request->range_end,
                                  request->range_end_len * sizeof(oid)) == NULL)
        return false;
    column->given = column->last = column->search;
    column->session_id = session_id;
    return true;
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

bool orion_read_ahead_give(netsnmp_agent_request_info *info, netsnmp_request_info *requests,
                           const netsnmp_session *agentx) {
    struct read_ahead *ahead = find_read_ahead(info);

    if (!is_usable(ahead))
        return false;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        const struct column *column = column_of(ahead, request);
        if (column == NULL || !answers(column, request, agentx->subsession->sessid))
            return false;
    }
    give(ahead, requests);
    return true;
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
        const struct column *column = column_of(ahead, request);
        if (column == NULL)
            return false;
        if (answers(column, request, session_id))
            hits++;
        else
            misses++;
    }
    struct query *query = plan_query(ahead, info, requests, hits, misses, session_id);
    if (query == NULL)
        return false;
    for (const netsnmp_request_info *request = requests; request != NULL; request = request->next) {
        struct column *column = column_of(ahead, request);
        if (answers(column, request, session_id))
            continue;
        if (!begin_search(column, request, session_id)) {
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
