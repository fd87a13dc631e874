/// Tells oriond what access control refused, and what it lets its users do, by datagrams to a Unix socket. Never waits.

#ifndef ORION_REFUSALS_H
#define ORION_REFUSALS_H

#include "agentx_master.h"

/// Registers the configuration tokens `orionEventSocket` and `orionReportReads` and the callbacks of access control.
void orion_refusals_start(void);

/// Takes back what `orion_refusals_start` registered, and closes the socket.
void orion_refusals_stop(void);

#endif
