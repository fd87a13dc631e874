/// GETBULK through AgentX at native speed.
///
/// The master answers a GETBULK in passes: in each it looks for the next cell of every column, checks access, and goes on
/// from what it found. For an AgentX session it turns each pass into one GetNext PDU. Here the passes stay as they are;
/// the module fetches the cells of many passes with one GetBulk PDU and answers each pass from what it has. A pass that
/// asks for something else (another range, a place that was skipped) is a miss, and asks the subagent again. So whatever
/// the master makes of the cells, it makes of the same cells.

#ifndef ORION_READ_AHEAD_H
#define ORION_READ_AHEAD_H

#include "agentx_master.h"

#include <stdbool.h>

/// Answers one pass of a GETBULK from what has been read ahead.
/// @param agentx the session of the connection; its newest subsession is the one that answers.
/// @return false when something is missing; then nothing has been touched.
bool orion_read_ahead_give(netsnmp_agent_request_info *info, netsnmp_request_info *requests,
                           const netsnmp_session *agentx);

/// Asks the subagent for what is missing, of as many passes as it pays for; the pass is answered when it answers.
/// @param context what goes into the context field, NULL for the default context.
/// @return false when the requests are to be answered the master's way; then nothing of them has been touched.
bool orion_read_ahead_fetch(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                            netsnmp_agent_request_info *info, netsnmp_request_info *requests, netsnmp_session *agentx,
                            const char *context);

#endif
