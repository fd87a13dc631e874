/* The peer on net-snmp's own library: ifTable and ifXTable as container tables that answer constants, the usual way to
   write a subagent in C. ifLinkUpDownTrapEnable is writable.

   libnetsnmp -x SOCKET [-r ROWS] */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <signal.h>
#include <unistd.h>

enum { PRIORITY = 100, TRAP_ENABLE_COLUMN = 14 };

struct row {
    netsnmp_index index; /* the container's key: must be first */
    oid number;
    long trap_enable, trap_enable_before;
};

static const u_char if_types[] = {ASN_INTEGER,  ASN_OCTET_STR, ASN_INTEGER,   ASN_INTEGER, ASN_GAUGE,   ASN_OCTET_STR,
                                  ASN_INTEGER,  ASN_INTEGER,   ASN_TIMETICKS, ASN_COUNTER, ASN_COUNTER, ASN_COUNTER,
                                  ASN_COUNTER,  ASN_COUNTER,   ASN_COUNTER,   ASN_COUNTER, ASN_COUNTER, ASN_COUNTER,
                                  ASN_COUNTER,  ASN_COUNTER,   ASN_GAUGE,     ASN_OBJECT_ID};
static const u_char ifx_types[] = {
    ASN_OCTET_STR, ASN_COUNTER,   ASN_COUNTER,   ASN_COUNTER,   ASN_COUNTER,   ASN_COUNTER64, ASN_COUNTER64,
    ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_COUNTER64, ASN_INTEGER,
    ASN_GAUGE,     ASN_INTEGER,   ASN_INTEGER,   ASN_OCTET_STR, ASN_TIMETICKS};

static volatile sig_atomic_t running = 1;

static void stop(int number) {
    (void)number;
    running = 0;
}

static void answer(netsnmp_request_info *request, const struct row *row, u_char type, int is_index,
                   int is_trap_enable) {
    static const oid zero_dot_zero[] = {0, 0};
    struct counter64 large = {287, 1912276171};
    long number = is_index ? (long)row->number : is_trap_enable ? row->trap_enable : 1;
    netsnmp_variable_list *varbind = request->requestvb;
    if (type == ASN_OCTET_STR) snmp_set_var_typed_value(varbind, type, "veth00000", 9);
    else if (type == ASN_OBJECT_ID) snmp_set_var_typed_value(varbind, type, zero_dot_zero, sizeof zero_dot_zero);
    else if (type == ASN_COUNTER64) snmp_set_var_typed_value(varbind, type, &large, sizeof large);
    else snmp_set_var_typed_integer(varbind, type, number);
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *registration,
                  netsnmp_agent_request_info *info, netsnmp_request_info *requests) {
    const u_char *types = handler->myvoid;
    int is_ifx = types == ifx_types;
    (void)registration;
    for (netsnmp_request_info *request = requests; request; request = request->next) {
        if (request->processed) continue;
        netsnmp_table_request_info *cell = netsnmp_extract_table_info(request);
        struct row *row = netsnmp_container_table_extract_context(request);
        int is_trap_enable = cell && is_ifx && cell->colnum == TRAP_ENABLE_COLUMN, error = SNMP_ERR_NOERROR;
        if (!row || !cell) {
            netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
            continue;
        }
        switch (info->mode) {
        case MODE_GET:
            answer(request, row, types[cell->colnum - 1], !is_ifx && cell->colnum == 1, is_trap_enable);
            break;
        case MODE_SET_RESERVE1:
            if (!is_trap_enable) error = SNMP_ERR_NOTWRITABLE;
            else error = netsnmp_check_vb_int_range(request->requestvb, 1, 2);
            break;
        case MODE_SET_ACTION:
            row->trap_enable_before = row->trap_enable;
            row->trap_enable = *request->requestvb->val.integer;
            break;
        case MODE_SET_UNDO:
            row->trap_enable = row->trap_enable_before;
            break;
        default:
            break;
        }
        if (error) netsnmp_set_request_error(info, request, error);
    }
    return SNMP_ERR_NOERROR;
}

static int register_table(const char *name, const oid *root, size_t length, const u_char *types, int columns,
                          netsnmp_container *container) {
    netsnmp_handler_registration *registration =
        netsnmp_create_handler_registration(name, handle, root, length, HANDLER_CAN_RWRITE);
    netsnmp_table_registration_info *table = SNMP_MALLOC_TYPEDEF(netsnmp_table_registration_info);
    if (!registration || !table) return 0;
    registration->priority = PRIORITY; /* before snmpd's own tables */
    registration->handler->myvoid = (void *)types;
    netsnmp_table_helper_add_indexes(table, ASN_INTEGER, 0);
    table->min_column = 1;
    table->max_column = columns;
    return netsnmp_container_table_register(registration, table, container, TABLE_CONTAINER_KEY_NETSNMP_INDEX) ==
           MIB_REGISTERED_OK;
}

int main(int argc, char **argv) {
    static const oid if_table[] = {1, 3, 6, 1, 2, 1, 2, 2}, ifx_table[] = {1, 3, 6, 1, 2, 1, 31, 1, 1};
    const char *path = NULL;
    unsigned long rows = 32;
    int option;
    while ((option = getopt(argc, argv, "x:r:")) != -1) {
        if (option == 'x') path = optarg;
        else if (option == 'r') rows = strtoul(optarg, NULL, 10);
        else return 2;
    }
    if (!path || rows < 1) {
        fprintf(stderr, "usage: libnetsnmp -x SOCKET [-r ROWS]\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    snmp_enable_stderrlog();
    netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
    netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET, path);
    init_agent("libnetsnmp");
    netsnmp_container *container = netsnmp_container_find("bench:table_container");
    struct row *table = calloc(rows, sizeof *table);
    if (!container || !table) return 1;
    for (unsigned long i = 0; i < rows; i++) {
        table[i].number = i + 1;
        table[i].index = (netsnmp_index){1, &table[i].number};
        table[i].trap_enable = 1;
        CONTAINER_INSERT(container, &table[i]);
    }
    init_snmp("libnetsnmp");
    if (!register_table("ifTable", if_table, OID_LENGTH(if_table), if_types, sizeof if_types, container) ||
        !register_table("ifXTable", ifx_table, OID_LENGTH(ifx_table), ifx_types, sizeof ifx_types, container))
        return 1;
    while (running) agent_check_and_process(1);
    snmp_shutdown("libnetsnmp");
    return 0;
}
