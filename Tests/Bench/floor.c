/* The floor: an AgentX subagent (RFC 2741) that does nothing but answer constants, with one read and one write per
   request. What it costs is what the master costs; no subagent can be faster.

   floor -x SOCKET [-r ROWS] [-d DESCRIPTION] [-l] [-n COUNT] [-y OID]
     -r ROWS          rows 1 ... ROWS of ifTable and ifXTable, every column; ifLinkUpDownTrapEnable is writable
     -d DESCRIPTION   of the session, in its Open PDU
     -l               link events of the kernel become linkDown and linkUp, at most 32 unanswered
     -n COUNT         SIGUSR1 sends COUNT linkDown, at most 32 unanswered
     -y OID           any integer or octets can be set below it, and nothing becomes of that */
#define _GNU_SOURCE
#include "link.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    OPEN = 1, REGISTER = 3, GET = 5, GETNEXT = 6, GETBULK = 7, TESTSET = 8, COMMITSET = 9, UNDOSET = 10,
    CLEANUPSET = 11, NOTIFY = 12, RESPONSE = 18,
    FLAG_CONTEXT = 0x08, FLAG_NETWORK_ORDER = 0x10,
    INTEGER = 2, OCTETS = 4, OBJECT_ID = 6, COUNTER32 = 65, GAUGE32 = 66, TIMETICKS = 67, COUNTER64 = 70,
    NO_SUCH_INSTANCE = 129, END_OF_MIB_VIEW = 130,
    NOT_WRITABLE = 17, WRONG_TYPE = 7, WRONG_VALUE = 10, PARSE_ERROR = 266,
    PRIORITY = 100, /* before 127, snmpd's own tables */
    ARCS_MAX = 128, MESSAGE_MAX = 65536, WRITES_MAX = 64, OUTSTANDING_MAX = 32,
    EVENTS_MAX = 1 << 16, LINKS_MAX = 1 << 20,
};

struct header {
    uint8_t version, type, flags, reserved;
    uint32_t session, transaction, packet, length;
};

struct name {
    int length, include;
    uint32_t arc[ARCS_MAX];
};

struct table {
    uint32_t prefix[10]; /* of the entry; a column and a row follow */
    int prefix_length, columns;
    const uint8_t *type; /* of column 1 ... columns */
};

struct cell {
    const struct table *table;
    uint32_t column, row;
};

static const uint8_t if_types[] = {
    INTEGER,   OCTETS,    INTEGER,   INTEGER,   GAUGE32,   OCTETS,    INTEGER,   INTEGER,
    TIMETICKS, COUNTER32, COUNTER32, COUNTER32, COUNTER32, COUNTER32, COUNTER32, COUNTER32,
    COUNTER32, COUNTER32, COUNTER32, COUNTER32, GAUGE32,   OBJECT_ID};
static const uint8_t ifx_types[] = {
    OCTETS,    COUNTER32, COUNTER32, COUNTER32, COUNTER32, COUNTER64, COUNTER64, COUNTER64, COUNTER64, COUNTER64,
    COUNTER64, COUNTER64, COUNTER64, INTEGER,   GAUGE32,   INTEGER,   INTEGER,   OCTETS,    TIMETICKS};
static const struct table tables[] = {
    {{1, 3, 6, 1, 2, 1, 2, 2, 1}, 9, sizeof if_types, if_types},
    {{1, 3, 6, 1, 2, 1, 31, 1, 1, 1}, 10, sizeof ifx_types, ifx_types},
};
enum { TABLES = 2, TRAP_ENABLE_TABLE = 1, TRAP_ENABLE_COLUMN = 14 };

static int agentx;
static uint32_t session, rows = 32, next_packet = 1;
static uint8_t input[2 * MESSAGE_MAX], output[2 * MESSAGE_MAX];
static size_t output_length;
static int32_t *trap_enable;

static struct {
    uint32_t row;
    int32_t value, before;
} writes[WRITES_MAX];
static int write_count;

struct event {
    int kind, index; /* 3 linkDown, 4 linkUp */
};
static struct event events[EVENTS_MAX];
static unsigned first_event, last_event, dropped;
static int outstanding;
static volatile sig_atomic_t signalled;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Reading. Everything that comes from the master is bounded by `end`; a short message yields no name. */

static uint32_t load32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static const uint8_t *get_name(const uint8_t *at, const uint8_t *end, struct name *name) {
    static const uint32_t internet[] = {1, 3, 6, 1};
    if (!at || end - at < 4) return NULL;
    int arcs = at[0], prefix = at[1];
    name->include = at[2];
    name->length = 0;
    at += 4;
    if (end - at < 4 * arcs || arcs + 5 > ARCS_MAX) return NULL;
    if (prefix) {
        memcpy(name->arc, internet, sizeof internet);
        name->arc[4] = prefix;
        name->length = 5;
    }
    memcpy(name->arc + name->length, at, 4 * arcs);
    name->length += arcs;
    return at + 4 * arcs;
}

/* Writing, in host byte order. */

static void put(const void *bytes, size_t length) {
    memcpy(output + output_length, bytes, length);
    output_length += length;
}

static void put32(uint32_t value) { put(&value, sizeof value); }

static void put16s(uint16_t first, uint16_t second) {
    put(&first, sizeof first);
    put(&second, sizeof second);
}

static void put_octets(const char *bytes, uint32_t length) {
    put32(length);
    put(bytes, length);
    put("\0\0\0", (4 - length % 4) % 4);
}

/* A name below 1.3.6.1.X, X < 256, goes in its short form. */
static void put_name(const uint32_t *arc, int length) {
    uint8_t head[4] = {length};
    if (length >= 5 && arc[0] == 1 && arc[1] == 3 && arc[2] == 6 && arc[3] == 1 && arc[4] < 256) {
        head[0] = length - 5;
        head[1] = arc[4];
        arc += 5;
    }
    put(head, sizeof head);
    put(arc, 4 * head[0]);
}

static size_t begin(uint8_t type, uint32_t transaction, uint32_t packet) {
    struct header header = {1, type, 0, 0, session, transaction, packet, 0};
    size_t at = output_length;
    put(&header, sizeof header);
    return at;
}

static void finish(size_t at) {
    uint32_t length = output_length - at - sizeof(struct header);
    memcpy(output + at + offsetof(struct header, length), &length, sizeof length);
}

static void flush(void) {
    size_t sent = 0;
    while (sent < output_length) {
        ssize_t length = write(agentx, output + sent, output_length - sent);
        if (length < 0 && errno != EINTR) fail("write");
        if (length > 0) sent += length;
    }
    output_length = 0;
}

/* The objects. */

static int exact_cell(const struct name *name, struct cell *cell) {
    for (const struct table *table = tables; table < tables + TABLES; table++) {
        int length = table->prefix_length;
        if (name->length != length + 2 || memcmp(name->arc, table->prefix, 4 * length)) continue;
        *cell = (struct cell){table, name->arc[length], name->arc[length + 1]};
        return cell->column - 1 < (uint32_t)table->columns && cell->row - 1 < rows;
    }
    return 0;
}

/* The first cell of one table at or behind a name. */
static int next_in_table(const struct table *table, const struct name *name, struct cell *cell) {
    int length = table->prefix_length, shared = name->length < length ? name->length : length;
    *cell = (struct cell){table, 1, 1};
    for (int i = 0; i < shared; i++)
        if (name->arc[i] != table->prefix[i]) return name->arc[i] < table->prefix[i];
    if (name->length <= length || name->arc[length] < 1) return 1;
    cell->column = name->arc[length];
    if (name->length > length + 1) {
        cell->row = name->arc[length + 1];
        if (cell->row == 0) cell->row = 1;
        else if (cell->row > rows) cell->row = rows + 1;
        else if (name->length > length + 2 || !name->include) cell->row++;
    }
    if (cell->row > rows) {
        cell->row = 1;
        cell->column++;
    }
    return cell->column <= (uint32_t)table->columns;
}

static int cell_name(const struct cell *cell, uint32_t *arc) {
    int length = cell->table->prefix_length;
    memcpy(arc, cell->table->prefix, 4 * length);
    arc[length] = cell->column;
    arc[length + 1] = cell->row;
    return length + 2;
}

static int before(const uint32_t *arc, int length, const struct name *end) {
    for (int i = 0; i < length && i < end->length; i++)
        if (arc[i] != end->arc[i]) return arc[i] < end->arc[i];
    return length < end->length;
}

static void put_cell(const struct cell *cell) {
    static const uint32_t zero_dot_zero[] = {0, 0};
    uint32_t arc[16];
    int length = cell_name(cell, arc);
    uint8_t type = cell->table->type[cell->column - 1];
    uint64_t large = 1234567890123 + cell->row;
    put16s(type, 0);
    put_name(arc, length);
    if (type == OCTETS) put_octets("veth00000", 9);
    else if (type == OBJECT_ID) put_name(zero_dot_zero, 2);
    else if (type == COUNTER64) put(&large, sizeof large);
    else if (cell->table == &tables[0] && cell->column == 1) put32(cell->row);
    else if (cell->table == &tables[TRAP_ENABLE_TABLE] && cell->column == TRAP_ENABLE_COLUMN)
        put32(trap_enable[cell->row]);
    else put32(1);
}

static void put_exception(uint16_t type, const struct name *name) {
    put16s(type, 0);
    put_name(name->arc, name->length);
}

/* Answers the cell behind `name` and before `end`, and moves `name` there; 0 at the end of the range. */
static int put_next(struct name *name, const struct name *end) {
    struct cell cell;
    uint32_t arc[16];
    for (const struct table *table = tables; table < tables + TABLES; table++) {
        if (!next_in_table(table, name, &cell)) continue;
        int length = cell_name(&cell, arc);
        if (end->length && !before(arc, length, end)) break;
        put_cell(&cell);
        memcpy(name->arc, arc, 4 * length);
        name->length = length;
        name->include = 0;
        return 1;
    }
    put_exception(END_OF_MIB_VIEW, name);
    return 0;
}

static int answer_get(const uint8_t *at, const uint8_t *end, int next) {
    struct name start, stop;
    struct cell cell;
    while (at < end) {
        at = get_name(at, end, &start);
        at = get_name(at, end, &stop);
        if (!at) return PARSE_ERROR;
        if (next) put_next(&start, &stop);
        else if (exact_cell(&start, &cell)) put_cell(&cell);
        else put_exception(NO_SUCH_INSTANCE, &start);
    }
    return 0;
}

static int answer_bulk(const uint8_t *at, const uint8_t *end) {
    static struct name start[WRITES_MAX], stop[WRITES_MAX];
    uint16_t non_repeaters, repetitions;
    int count = 0;
    if (end - at < 4) return PARSE_ERROR;
    memcpy(&non_repeaters, at, 2);
    memcpy(&repetitions, at + 2, 2);
    for (at += 4; at < end; count++) {
        if (count == WRITES_MAX) return PARSE_ERROR;
        at = get_name(at, end, &start[count]);
        at = get_name(at, end, &stop[count]);
        if (!at) return PARSE_ERROR;
    }
    for (int i = 0; i < non_repeaters && i < count; i++) put_next(&start[i], &stop[i]);
    for (int round = 0, more = 1; round < repetitions && more && output_length < MESSAGE_MAX - 8192; round++) {
        more = 0;
        for (int i = non_repeaters; i < count; i++) more |= put_next(&start[i], &stop[i]);
    }
    return 0;
}

/* Sets: one at a time, as the master sends them. */

/* Below it everything can be set. */
static struct name yes;

static int test_set(const uint8_t *at, const uint8_t *end, uint16_t *index) {
    struct name name;
    struct cell cell;
    write_count = 0;
    for (*index = 1; at < end; ++*index) {
        uint16_t type;
        if (end - at < 4 || write_count == WRITES_MAX) return PARSE_ERROR;
        memcpy(&type, at, 2);
        at = get_name(at + 4, end, &name);
        if (!at) return PARSE_ERROR;
        if (yes.length && name.length >= yes.length && !memcmp(name.arc, yes.arc, 4 * yes.length)) {
            if ((type != INTEGER && type != OCTETS) || end - at < 4) return WRONG_TYPE;
            size_t size = type == INTEGER ? 4 : 4 + (((size_t)load32(at) + 3) & ~(size_t)3);
            if (size > (size_t)(end - at)) return PARSE_ERROR;
            at += size;
            continue;
        }
        if (!exact_cell(&name, &cell) || cell.table != &tables[TRAP_ENABLE_TABLE] || cell.column != TRAP_ENABLE_COLUMN)
            return NOT_WRITABLE;
        if (type != INTEGER || end - at < 4) return WRONG_TYPE;
        writes[write_count].row = cell.row;
        writes[write_count].value = load32(at);
        if (writes[write_count].value != 1 && writes[write_count].value != 2) return WRONG_VALUE;
        write_count++;
        at += 4;
    }
    *index = 0;
    return 0;
}

static void commit_set(void) {
    for (int i = 0; i < write_count; i++) {
        writes[i].before = trap_enable[writes[i].row];
        trap_enable[writes[i].row] = writes[i].value;
    }
}

static void undo_set(void) {
    for (int i = write_count; i-- > 0;) trap_enable[writes[i].row] = writes[i].before;
}

/* Notifications: a bounded queue, and at most OUTSTANDING_MAX that the master has not answered. */

static void queue_event(int kind, int index) {
    if (last_event - first_event == EVENTS_MAX) {
        dropped++;
        return;
    }
    events[last_event++ % EVENTS_MAX] = (struct event){kind, index};
}

static void put_integer(const uint32_t *prefix, int length, uint32_t index, uint32_t value) {
    uint32_t arc[16];
    memcpy(arc, prefix, 4 * length);
    arc[length] = index;
    put16s(INTEGER, 0);
    put_name(arc, length + 1);
    put32(value);
}

static void send_events(void) {
    static const uint32_t trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    static const uint32_t if_index[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 1};
    static const uint32_t if_admin_status[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 7};
    static const uint32_t if_oper_status[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 8};
    while (first_event != last_event && outstanding < OUTSTANDING_MAX) {
        struct event event = events[first_event++ % EVENTS_MAX];
        uint32_t kind[] = {1, 3, 6, 1, 6, 3, 1, 1, 5, event.kind};
        size_t at = begin(NOTIFY, 0, next_packet++);
        put16s(OBJECT_ID, 0);
        put_name(trap_oid, 11);
        put_name(kind, 10);
        put_integer(if_index, 10, event.index, event.index);
        put_integer(if_admin_status, 10, event.index, 1);
        put_integer(if_oper_status, 10, event.index, event.kind == 3 ? 2 : 1);
        finish(at);
        outstanding++;
    }
}

/* Answers one PDU into the output. */
static void answer(const struct header *header, const uint8_t *at, const uint8_t *end) {
    if (header->type == RESPONSE) {
        outstanding--;
        return;
    }
    if (header->type == CLEANUPSET) {
        write_count = 0;
        return;
    }
    if (header->flags & FLAG_CONTEXT && end - at >= 4) { /* the context's name is of no interest here */
        size_t length = 4 + (((size_t)load32(at) + 3) & ~(size_t)3);
        at = length <= (size_t)(end - at) ? at + length : end;
    }
    size_t response = begin(RESPONSE, header->transaction, header->packet);
    uint16_t error = 0, index = 0;
    size_t status;
    put32(0);
    status = output_length;
    put32(0);
    switch (header->type) {
    case GET: error = answer_get(at, end, 0); break;
    case GETNEXT: error = answer_get(at, end, 1); break;
    case GETBULK: error = answer_bulk(at, end); break;
    case TESTSET: error = test_set(at, end, &index); break;
    case COMMITSET: commit_set(); break;
    case UNDOSET: undo_set(); break;
    default: error = PARSE_ERROR;
    }
    if (error) {
        output_length = status;
        put16s(error, index);
    }
    finish(response);
}

/* Reads once and answers every whole PDU with one write. */
static void serve(void) {
    static size_t have;
    ssize_t length = read(agentx, input + have, sizeof input - have);
    if (length < 0 && errno == EINTR) return;
    if (length <= 0) exit(0);
    have += length;
    uint8_t *at = input;
    struct header header;
    while (have - (at - input) >= sizeof header) {
        memcpy(&header, at, sizeof header);
        if (header.flags & FLAG_NETWORK_ORDER || header.length > MESSAGE_MAX) exit(1);
        if (have - (at - input) < sizeof header + header.length) break;
        answer(&header, at + sizeof header, at + sizeof header + header.length);
        at += sizeof header + header.length;
        if (output_length > MESSAGE_MAX) flush();
    }
    have -= at - input;
    if (have) memmove(input, at, have);
    send_events();
    flush();
}

/* A request of our own at the start, when nothing else is on the way; returns the session the master answered with. */
static uint32_t ask(size_t at) {
    struct header header;
    uint8_t body[MESSAGE_MAX];
    finish(at);
    flush();
    if (recv(agentx, &header, sizeof header, MSG_WAITALL) != sizeof header || header.length > sizeof body ||
        header.length < 8 || recv(agentx, body, header.length, MSG_WAITALL) != (ssize_t)header.length)
        fail("no answer from the master");
    if (body[4] || body[5]) {
        fprintf(stderr, "the master refused: error %u\n", body[4] | body[5] << 8);
        exit(1);
    }
    return header.session;
}

static void open_session(const char *path, const char *description) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    agentx = socket(AF_UNIX, SOCK_STREAM, 0);
    if (agentx < 0 || connect(agentx, (struct sockaddr *)&address, sizeof address)) fail(path);
    size_t at = begin(OPEN, 0, next_packet++);
    put32(0); /* default timeout */
    put_name(NULL, 0);
    put_octets(description, strlen(description));
    session = ask(at);
    for (const struct table *table = tables; table < tables + TABLES; table++) {
        at = begin(REGISTER, 0, next_packet++);
        put("\0\144\0", 4); /* default timeout, priority 100, no range */
        put_name(table->prefix, table->prefix_length - 1);
        ask(at);
    }
    if (!yes.length) return;
    at = begin(REGISTER, 0, next_packet++);
    put("\0\144\0", 4);
    put_name(yes.arc, yes.length);
    ask(at);
}

static void read_name(const char *text, struct name *name) {
    for (char *end = (char *)text; name->length < ARCS_MAX && *text; text = *end ? end + 1 : end)
        name->arc[name->length++] = strtoul(text, &end, 10);
}

/* Turns changes of a link's running flag into events. */
static void read_links(int route, uint8_t *running) {
    static uint8_t buffer[1 << 17];
    ssize_t got = recv(route, buffer, sizeof buffer, 0);
    int length = got > 0 ? got : 0;
    struct link link;
    for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
        if (h->nlmsg_type != RTM_NEWLINK) continue;
        link_parse(h, &link);
        if (link.index >= LINKS_MAX || running[link.index] == link.running) continue;
        running[link.index] = link.running;
        queue_event(link.running ? 4 : 3, link.index);
    }
    send_events();
    flush();
}

static void on_signal(int number) {
    (void)number;
    signalled = 1;
}

static void notify(int from_links, int burst) {
    static uint8_t running[LINKS_MAX];
    int count, route = link_socket(1), query = link_socket(0);
    struct link *links = link_dump(query, &count);
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked, open;
    for (int i = 0; i < count; i++)
        if (links[i].index < LINKS_MAX) running[links[i].index] = links[i].running;
    free(links);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &open);
    sigaction(SIGUSR1, &action, NULL);
    for (;;) {
        struct pollfd polled[] = {{agentx, POLLIN, 0}, {from_links ? route : -1, POLLIN, 0}};
        ppoll(polled, 2, NULL, &open);
        if (signalled) {
            signalled = 0;
            for (int i = 0; i < burst; i++) queue_event(3, 1 + i % (int)rows);
            send_events();
            flush();
            continue;
        }
        if (polled[1].revents) read_links(route, running);
        if (polled[0].revents) serve();
    }
}

int main(int argc, char **argv) {
    const char *path = NULL, *description = "floor";
    int option, from_links = 0, burst = 0;
    while ((option = getopt(argc, argv, "x:r:d:ln:y:")) != -1) {
        if (option == 'x') path = optarg;
        else if (option == 'r') rows = strtoul(optarg, NULL, 10);
        else if (option == 'd') description = optarg;
        else if (option == 'l') from_links = 1;
        else if (option == 'n') burst = atoi(optarg);
        else if (option == 'y') read_name(optarg, &yes);
        else return 2;
    }
    if (!path || rows < 1 || rows >= LINKS_MAX) {
        fprintf(stderr, "usage: floor -x SOCKET [-r ROWS] [-d DESCRIPTION] [-l] [-n COUNT] [-y OID]\n");
        return 2;
    }
    trap_enable = malloc((rows + 1) * sizeof *trap_enable);
    if (!trap_enable) fail("memory");
    for (uint32_t i = 0; i <= rows; i++) trap_enable[i] = 1;
    open_session(path, description);
    if (from_links || burst) notify(from_links, burst);
    for (;;) serve();
}
