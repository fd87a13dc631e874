/// One column of a GETBULK: a search, the answers to it that have not been used yet, and how the master fares with them.

#ifndef ORION_COLUMN_H
#define ORION_COLUMN_H

#include "agentx_master.h"

#include <stdbool.h>

struct orion_column {
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

    /// End of the range at the last question, as a mark of the subtree; never followed.
    const oid *range;
    /// Cells that the master needed at the last question, and how many it has been given since.
    unsigned needed, used;
    /// Cells to ask for although fewer are needed, since access control throws them away; 0 as long as it does not.
    unsigned depth;
};

/// Frees the search and its answers.
void orion_column_clear(struct orion_column *column);

/// Whether there is an answer, or the knowledge that there is none.
bool orion_column_has_answer(const struct orion_column *column);

/// Whether the column's next answer is the answer to this request.
bool orion_column_answers(const struct orion_column *column, const netsnmp_request_info *request, long session_id);

/// Answers the request with the column's next answer, as `agentx_got_response` does. Where the range has ended the varbind
/// stays as it is, and the master goes on to the next subtree.
void orion_column_give(struct orion_column *column, netsnmp_request_info *request);

/// Notes a question for the request.
/// @return how many cells to ask for: those it needs; more where access control has thrown away what came before, twice
/// as many each time.
unsigned orion_column_depth(struct orion_column *column, const netsnmp_request_info *request);

/// Begins a new search for what the request asks. @return false without memory.
bool orion_column_search(struct orion_column *column, const netsnmp_request_info *request, long session_id);

/// Takes an answer to the search. A column takes them up to the end of its range, or to the first that is not in order:
/// from there it will be asked again. Takes over `answer`.
void orion_column_take(struct orion_column *column, netsnmp_variable_list *answer);

/// Sub-identifiers of the name where the request's search starts.
size_t orion_column_name_length(const netsnmp_request_info *request);

#endif
