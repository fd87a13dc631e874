/// How much one GetBulk PDU asks for: arithmetic only, no net-snmp in here, so that it can be tested on its own.

#ifndef ORION_BULK_PLAN_H
#define ORION_BULK_PLAN_H

#include <stddef.h>

/// The most octets an answer may have. net-snmp's AgentX parser refuses longer messages (`agentx_parse`).
#define ORION_AGENTX_LIMIT 65536

/// One column that a GETBULK walks.
struct orion_bulk_column {
    /// Cells to ask for, at least 1.
    unsigned wanted;
    /// Sub-identifiers of the name where the search starts.
    size_t name_length;
};

/// The numbers of a GetBulk PDU (RFC 2741, section 6.2.7).
struct orion_bulk_plan {
    /// Columns of which one cell is asked; they come first in the PDU.
    unsigned non_repeaters;
    /// The other columns.
    unsigned repeaters;
    /// Cells asked of each repeater; 0 when there is none.
    unsigned repetitions;
};

/// Plans one GetBulk for `count` columns.
///
/// Columns that want one cell become non-repeaters. The others get as many repetitions as the one that wants least, so
/// that none brings a cell to be thrown away; and no more than an answer of 64 KiB holds when each value has 255 octets,
/// nor than the master goes on collecting before it calls the message full.
///
/// @param room what is left of the manager's message in the master's own rough measure: sub-identifiers plus value octets.
struct orion_bulk_plan orion_plan_bulk(const struct orion_bulk_column *columns, size_t count, size_t room);

#endif
