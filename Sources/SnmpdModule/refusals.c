#include "refusals.h"

#include "access.h"
#include "principal.h"
#include "record.h"

#include <net-snmp/agent/agent_callbacks.h>
#include <net-snmp/library/vacm.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_TOKEN "orionEventSocket"
#define READS_TOKEN "orionReportReads"

/// Where events go; an empty path means nowhere.
static struct sockaddr_un destination;
static bool report_reads;

/// Opened with the first event, since snmpd drops its privileges after it has loaded modules. -1: not open.
static int event_socket = -1;

/// Events lost since the last one that was delivered.
static unsigned long lost;

/// The seconds between two looks at access control, and how often one that found nothing new is not told: whoever has
/// begun to listen meanwhile hears of it within a minute.
#define ACCESS_PERIOD 5
#define TELLINGS_SPARED_MAX 12

/// The last summary of access control that was delivered; empty when none was, or the next is due whatever it says.
static char told_access[ORION_EVENT_MAX + 1];
static int tellings_spared;
static unsigned access_alarm;

/// Transaction of the last read that was reported: of a walk over refused objects one event is enough.
static long last_read_transaction = -1;

static bool send_event(const char *event, size_t length) {
    if (event_socket < 0)
        event_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return sendto(event_socket, event, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&destination,
                  sizeof destination) >= 0;
}

static void deliver(const char *event, size_t length) {
    if (send_event(event, length)) {
        lost = 0;
        return;
    }
    // One line when delivery begins to fail; the next event that gets through carries the count.
    if (lost++ == 0)
        snmp_log(LOG_WARNING, "orion: %s: %s, refusals are not reported\n", destination.sun_path, strerror(errno));
}

/// Whether `name` belongs to a session that asks for principals.
static bool is_ours(const oid *name, size_t length, const char *context) {
    netsnmp_subtree *subtree = netsnmp_subtree_find(name, length, NULL, context);

    if (subtree == NULL || subtree->session == NULL)
        return false;
    return (orion_wishes(subtree->session->securityName) & ORION_WISH_SET_PRINCIPAL) != 0;
}

static const char *operation_name(int command) {
    switch (command) {
    case SNMP_MSG_GET:
        return "get";
    case SNMP_MSG_GETNEXT:
        return "getnext";
    case SNMP_MSG_GETBULK:
        return "getbulk";
    case SNMP_MSG_SET:
        return "set";
    default:
        return NULL;
    }
}

static void report(const netsnmp_pdu *pdu, int code, const oid *name, size_t length) {
    char peer[ORION_PEER_MAX + 1], event[ORION_EVENT_MAX + 1];
    struct orion_refusal refusal = {
        .principal = orion_principal_of(pdu, NULL, peer),
        .operation = operation_name(pdu->command),
        .code = code,
        .name = name,
        .name_length = length,
        .lost = lost,
    };
    size_t event_length = orion_format_refusal(event, sizeof event, &refusal);

    if (event_length > 0)
        deliver(event, event_length);
    else
        lost++;
}

/// Runs after access control's own callback, for each object of a message and once before any of them (without a name).
static int on_access_check(int major, int minor, void *server_argument, void *client_argument) {
    const struct view_parameters *check = server_argument;
    (void)major, (void)minor, (void)client_argument;

    // A whole subtree out of view is skipped over without the sender having asked for it.
    if (check->errorcode == VACM_SUCCESS || check->check_subtree || destination.sun_path[0] == 0)
        return SNMPERR_SUCCESS;
    const netsnmp_pdu *pdu = check->pdu;
    if (operation_name(pdu->command) == NULL)
        return SNMPERR_SUCCESS;
    if (pdu->command != SNMP_MSG_SET) {
        if (!report_reads || pdu->transid == last_read_transaction)
            return SNMPERR_SUCCESS;
    }

    const oid *name = check->name;
    size_t length = check->namelen;
    if (name == NULL) {
        // The sender has no access at all: name the first object it wanted of ours.
        const netsnmp_variable_list *variable = pdu->variables;
        while (variable != NULL && !is_ours(variable->name, variable->name_length, pdu->contextName))
            variable = variable->next_variable;
        if (variable == NULL)
            return SNMPERR_SUCCESS;
        name = variable->name;
        length = variable->name_length;
    } else if (!is_ours(name, length, pdu->contextName)) {
        return SNMPERR_SUCCESS;
    }
    if (pdu->command != SNMP_MSG_SET)
        last_read_transaction = pdu->transid;
    report(pdu, check->errorcode, name, length);
    return SNMPERR_SUCCESS;
}

/// Every few seconds: tells what access control lets its users do, when that has changed or the last telling is old.
static void tell_access(unsigned int number, void *argument) {
    (void)number, (void)argument;
    struct orion_access access;
    char event[ORION_EVENT_MAX + 1];

    if (destination.sun_path[0] == 0)
        return;
    orion_summarize_access(&access);
    size_t length = orion_format_access(event, sizeof event, &access);
    if (length == 0 || (strcmp(event, told_access) == 0 && ++tellings_spared < TELLINGS_SPARED_MAX))
        return;
    tellings_spared = 0;
    if (send_event(event, length))
        memcpy(told_access, event, length + 1);
    else
        told_access[0] = 0;
}

static void parse_socket(const char *token, char *value) {
    (void)token;
    if (value[0] != '/' || strlen(value) >= sizeof destination.sun_path) {
        config_perror("expected the absolute path of a Unix datagram socket, at most 107 octets");
        return;
    }
    memset(&destination, 0, sizeof destination);
    destination.sun_family = AF_UNIX;
    memcpy(destination.sun_path, value, strlen(value));
}

static void forget_socket(void) {
    memset(&destination, 0, sizeof destination);
}

static void parse_reads(const char *token, char *value) {
    (void)token;
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        config_perror("expected yes or no");
    report_reads = strcmp(value, "yes") == 0;
}

static void forget_reads(void) {
    report_reads = false;
}

void orion_refusals_start(void) {
    snmpd_register_config_handler(SOCKET_TOKEN, parse_socket, forget_socket, "PATH");
    snmpd_register_config_handler(READS_TOKEN, parse_reads, forget_reads, "yes|no");
    netsnmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_ACM_CHECK_INITIAL, on_access_check, NULL,
                              NETSNMP_CALLBACK_LOWEST_PRIORITY);
    netsnmp_register_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_ACM_CHECK, on_access_check, NULL,
                              NETSNMP_CALLBACK_LOWEST_PRIORITY);
    access_alarm = snmp_alarm_register(ACCESS_PERIOD, SA_REPEAT, tell_access, NULL);
}

void orion_refusals_stop(void) {
    snmp_alarm_unregister(access_alarm);
    told_access[0] = 0;
    snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_ACM_CHECK_INITIAL, on_access_check, NULL, 0);
    snmp_unregister_callback(SNMP_CALLBACK_APPLICATION, SNMPD_CALLBACK_ACM_CHECK, on_access_check, NULL, 0);
    snmpd_unregister_config_handler(SOCKET_TOKEN);
    snmpd_unregister_config_handler(READS_TOKEN);
    forget_socket();
    forget_reads();
    if (event_socket >= 0)
        close(event_socket);
    event_socket = -1;
}
