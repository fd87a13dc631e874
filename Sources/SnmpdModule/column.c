#include "column.h"

/// Deepest search where access control throws cells away; the plan sets tighter bounds by what a message holds.
#define DEEPEST 1024

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

size_t orion_column_name_length(const netsnmp_request_info *request) {
    return start_of(request).length;
}

void orion_column_clear(struct orion_column *column) {
    snmp_free_varbind(column->search);
    column->search = column->given = column->last = NULL;
    column->ended = column->closed = false;
}

bool orion_column_has_answer(const struct orion_column *column) {
    return column->search != NULL && (column->given->next_variable != NULL || column->ended);
}

bool orion_column_answers(const struct orion_column *column, const netsnmp_request_info *request, long session_id) {
    if (!orion_column_has_answer(column) || column->session_id != session_id)
        return false;
    struct start start = start_of(request);
    const netsnmp_variable_list *given = column->given;
    bool inclusive = given == column->search && given->type == ASN_PRIV_INCL_RANGE;
    size_t end_length = column->search->val_len / sizeof(oid);

    return start.inclusive == inclusive &&
           netsnmp_oid_equals(start.name, start.length, given->name, given->name_length) == 0 &&
           netsnmp_oid_equals(request->range_end, request->range_end_len, column->search->val.objid, end_length) == 0;
}

void orion_column_give(struct orion_column *column, netsnmp_request_info *request) {
    const netsnmp_variable_list *answer = column->given->next_variable;

    request->delegated = REQUEST_IS_NOT_DELEGATED;
    request->inclusive = 0;
    if (answer == NULL)
        return;
    snmp_set_var_typed_value(request->requestvb, answer->type, answer->val.string, answer->val_len);
    snmp_set_var_objid(request->requestvb, answer->name, answer->name_length);
    column->given = column->given->next_variable;
    column->used++;
}

unsigned orion_column_depth(struct orion_column *column, const netsnmp_request_info *request) {
    unsigned needed = request->repeat > 0 ? (unsigned)request->repeat + 1 : 1;

    // Every cell that was given and kept leaves one less to find; in the same subtree, the others were refused.
    if (column->range != request->range_end || needed + column->used <= column->needed)
        column->depth = 0;
    else if (column->depth < DEEPEST)
        column->depth = column->depth == 0 ? 2 : 2 * column->depth;
    column->range = request->range_end;
    column->needed = needed;
    column->used = 0;
    return needed > column->depth ? needed : column->depth;
}

bool orion_column_search(struct orion_column *column, const netsnmp_request_info *request, long session_id) {
    struct start start = start_of(request);

    orion_column_clear(column);
    if (snmp_varlist_add_variable(&column->search, start.name, start.length,
                                  start.inclusive ? ASN_PRIV_INCL_RANGE : ASN_PRIV_EXCL_RANGE, request->range_end,
                                  request->range_end_len * sizeof(oid)) == NULL)
        return false;
    column->given = column->last = column->search;
    column->session_id = session_id;
    return true;
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
static bool continues(const struct orion_column *column, const netsnmp_variable_list *answer) {
    const netsnmp_variable_list *last = column->last, *search = column->search;
    int order = snmp_oid_compare(answer->name, answer->name_length, last->name, last->name_length);
    bool may_equal = last == search && search->type == ASN_PRIV_INCL_RANGE;
    size_t end_length = search->val_len / sizeof(oid);

    return is_value(answer->type) && (order > 0 || (order == 0 && may_equal)) &&
           snmp_oid_compare(answer->name, answer->name_length, search->val.objid, end_length) < 0;
}

void orion_column_take(struct orion_column *column, netsnmp_variable_list *answer) {
    if (!column->closed && continues(column, answer)) {
        column->last->next_variable = answer;
        column->last = answer;
        return;
    }
    if (!column->closed && answer->type == SNMP_ENDOFMIBVIEW)
        column->ended = true;
    column->closed = true;
    snmp_free_var(answer);
}
