/// What snmpd's access control lets its users do, in figures: the users by level, the groups, and who may write objects
/// of ours without authentication or encryption.

#ifndef ORION_ACCESS_H
#define ORION_ACCESS_H

#include "record.h"

/// Counts anew what is configured at present.
void orion_summarize_access(struct orion_access *access);

#endif
