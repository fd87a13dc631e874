#include "bulk_plan.h"

#include <limits.h>
#include <stdint.h>

/// Sub-identifiers by which an answer's name may be longer than the name asked for: an index such as an IPv6 address.
#define NAME_GROWTH 20

/// Octets of a value in an AgentX message: a length and 255 octets (the usual limit of a DisplayString), padded.
#define AGENTX_VALUE 260

/// Octets of the header and the fields of a Response PDU (RFC 2741, sections 6.1 and 6.2.16).
#define AGENTX_RESPONSE 28

/// Octets of a number as the master measures it: the size of a long.
#define MASTER_VALUE 8

/// Octets that one variable of the answer may take: type and reserved, the name with its header, the value.
static size_t agentx_octets(size_t name_length) {
    return 4 + 4 + 4 * (name_length + NAME_GROWTH) + AGENTX_VALUE;
}

struct orion_bulk_plan orion_plan_bulk(const struct orion_bulk_column *columns, size_t count, size_t room) {
    struct orion_bulk_plan plan = {0};
    size_t row_octets = 0, single_octets = AGENTX_RESPONSE;
    size_t row_measure = 0, single_measure = 0;
    unsigned least = UINT_MAX;

    for (size_t i = 0; i < count; i++) {
        if (columns[i].wanted < 2) {
            plan.non_repeaters++;
            single_octets += agentx_octets(columns[i].name_length);
            single_measure += columns[i].name_length + MASTER_VALUE;
        } else {
            plan.repeaters++;
            row_octets += agentx_octets(columns[i].name_length);
            row_measure += columns[i].name_length + MASTER_VALUE;
            if (columns[i].wanted < least)
                least = columns[i].wanted;
        }
    }
    if (plan.repeaters == 0)
        return plan;

    size_t repetitions = least;
    size_t by_agentx = single_octets < ORION_AGENTX_LIMIT ? (ORION_AGENTX_LIMIT - single_octets) / row_octets : 0;
    // The master stops after the row that overran the message, so that row is still asked for.
    size_t by_manager = single_measure < room ? (room - single_measure) / row_measure + 1 : 0;

    if (repetitions > by_agentx)
        repetitions = by_agentx;
    if (repetitions > by_manager)
        repetitions = by_manager;
    if (repetitions > UINT16_MAX)
        repetitions = UINT16_MAX;
    plan.repetitions = repetitions < 1 ? 1 : (unsigned)repetitions;
    return plan;
}
