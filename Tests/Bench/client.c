/* SNMP load client: SNMPv2c over one persistent UDP socket, one request outstanding, one JSON line as the result.

   client [-p PORT] [-c COMMUNITY] [-n COUNT] [-r MAX-REPETITIONS] [-m VARBINDS] MODE ARGUMENT...
     get OID               COUNT requests: latency
     next OID              one GETNEXT: its name, type and value
     walk ROOT...          every root walked by itself, one varbind in each GETBULK (as snmpbulkwalk does)
     columns COLUMN...     all columns abreast in each GETBULK, to the end of the longest
     set OID VALUE...      COUNT SETs of an integer, the values in turn: latency, and of each value
     admin LINK            the same on ifAdminStatus of a link, down and up; each is checked in the kernel
     age RX-LINK TX-LINK   COUNT reads of ifHCInOctets of RX-LINK while its veth peer TX-LINK sends: age of answers */
#define _GNU_SOURCE
#include "link.h"
#include "snmp.h"
#include "stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOTS_MAX = 64, WARM_UP = 200, TRIES = 3 };

static int agent;
static const char *community = "bench";
static uint8_t sent[SNMP_MESSAGE_MAX], received[SNMP_MESSAGE_MAX];
static int32_t request_id = 0x10000000;
static long requests, timeouts;

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("{\"error\": \"", stdout);
    vprintf(format, arguments);
    puts("\"}");
    exit(1);
}

/* Sends one request and waits for its answer, whose varbinds `varbinds` then yields. */
static struct pdu exchange(uint8_t type, int non_repeaters, int repetitions, const struct varbind *asked, size_t count,
                           struct reader *varbinds) {
    for (int try = 0; try < TRIES; try++) {
        struct pdu request = {type, ++request_id, non_repeaters, repetitions}, answer;
        uint8_t *start;
        size_t length = snmp_encode(sent, sizeof sent, community, &request, asked, count, &start);
        requests++;
        if (send(agent, start, length, 0) < 0) fail("send: %s", strerror(errno));
        for (;;) {
            ssize_t got = recv(agent, received, sizeof received, 0);
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
            if (got < 0) fail("no agent: %s", strerror(errno));
            if (!snmp_decode(received, got, &answer, varbinds)) fail("malformed answer");
            if (answer.request_id == request.request_id) return answer;
        }
        timeouts++;
    }
    fail("no answer");
}

static void latencies(double *samples, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += samples[i];
    sort_samples(samples, count);
    printf("\"count\": %d, \"p50\": %.2f, \"p95\": %.2f, \"p99\": %.2f, \"max\": %.2f, \"mean\": %.2f", count,
           percentile(samples, count, 0.50), percentile(samples, count, 0.95), percentile(samples, count, 0.99),
           count ? samples[count - 1] : 0, count ? sum / count : 0);
}

static double *new_samples(int count) {
    double *samples = calloc(count + 1, sizeof *samples);
    if (!samples) fail("no memory");
    return samples;
}

static void parse(const char *text, struct oid *oid) {
    if (!oid_parse(text, oid)) fail("no OID: %s", text);
}

static struct varbind only_varbind(struct reader *varbinds) {
    struct varbind varbind;
    if (snmp_next_varbind(varbinds, &varbind) != 1) fail("malformed answer");
    return varbind;
}

static void get(const char *text, int count) {
    struct varbind asked = {.type = TYPE_NULL}, answered;
    struct reader varbinds;
    double *samples = new_samples(count);
    parse(text, &asked.name);
    for (int i = -WARM_UP; i < count; i++) {
        double start = now_us();
        struct pdu answer = exchange(PDU_GET, 0, 0, &asked, 1, &varbinds);
        double end = now_us();
        answered = only_varbind(&varbinds);
        if (answer.error_status || answered.type >= 0x80)
            fail("error-status %d, type 0x%02x", answer.error_status, answered.type);
        if (i >= 0) samples[i] = end - start;
    }
    printf("{\"mode\": \"get\", ");
    latencies(samples, count);
}

static void next(const char *text) {
    struct varbind asked = {.type = TYPE_NULL}, answered;
    struct reader varbinds;
    char name[1024];
    parse(text, &asked.name);
    struct pdu answer = exchange(PDU_GETNEXT, 0, 0, &asked, 1, &varbinds);
    answered = only_varbind(&varbinds);
    oid_print(&answered.name, name, sizeof name);
    printf("{\"mode\": \"next\", \"status\": %d, \"name\": \"%s\", \"type\": %u, \"value\": %llu", answer.error_status,
           name, answered.type, (unsigned long long)answered.number);
}

/* Walks `count` subtrees abreast until each has ended; returns how many varbinds lay in them. */
static long walk(const struct oid *roots, size_t count, int repetitions) {
    struct varbind asked[ROOTS_MAX], answered;
    int ended[ROOTS_MAX] = {0};
    size_t left = count;
    long found = 0;
    for (size_t i = 0; i < count; i++) asked[i] = (struct varbind){.name = roots[i], .type = TYPE_NULL};
    while (left) {
        struct reader varbinds;
        struct pdu answer = exchange(PDU_GETBULK, 0, repetitions, asked, count, &varbinds);
        if (answer.error_status) fail("error-status %d in a walk", answer.error_status);
        size_t column = 0, answers = 0;
        int more;
        while ((more = snmp_next_varbind(&varbinds, &answered)) == 1) {
            answers++;
            if (!ended[column]) {
                if (answered.type == TYPE_END_OF_MIB_VIEW || !oid_has_prefix(&answered.name, &roots[column])) {
                    ended[column] = 1;
                    left--;
                } else {
                    if (oid_compare(&answered.name, &asked[column].name) <= 0) fail("the walk goes backwards");
                    asked[column].name = answered.name;
                    found++;
                }
            }
            column = column + 1 == count ? 0 : column + 1;
        }
        if (more < 0) fail("malformed answer");
        if (answers < count) fail("an answer of %zu varbinds for %zu columns", answers, count);
    }
    return found;
}

/* All tables once: the varbinds in them. */
static long walk_all(const struct oid *roots, size_t count, int repetitions, int abreast) {
    long found = 0;
    if (abreast) return walk(roots, count, repetitions);
    for (size_t i = 0; i < count; i++) found += walk(&roots[i], 1, repetitions);
    return found;
}

/* Walks once to warm up and then again and again for `least` varbinds; for 0 just once. */
static void walks(char **texts, size_t count, int repetitions, int abreast, long least) {
    struct oid roots[ROOTS_MAX];
    long warm_up = 0, found = 0, before;
    if (count == 0 || count > ROOTS_MAX) fail("1 to %d roots", ROOTS_MAX);
    for (size_t i = 0; i < count; i++) parse(texts[i], &roots[i]);
    if (least > 0) warm_up = walk_all(roots, count, repetitions, abreast);
    before = requests;
    double start = now_us();
    do {
        long pass = walk_all(roots, count, repetitions, abreast);
        if (pass == 0) break;
        found += pass;
    } while (found < least);
    double took = now_us() - start;
    printf("{\"mode\": \"%s\", \"varbinds\": %ld, \"warm_up\": %ld, \"messages\": %ld, \"total\": %.1f, "
           "\"per_varbind\": %.4f",
           abreast ? "columns" : "walk", found, warm_up, requests - before, took, found ? took / found : 0);
}

/* COUNT SETs, the values in turn. `link`, when there is one, must be up for value 1 and down for value 2 after each. */
static void set(const struct oid *name, const long *values, int value_count, int count, const char *link) {
    struct varbind asked = {.name = *name, .type = TYPE_INTEGER};
    struct reader varbinds;
    double *samples = new_samples(count), *of_value = new_samples(count);
    struct ifreq interface = {0};
    int control = socket(AF_INET, SOCK_DGRAM, 0), warm_up = count >= WARM_UP ? WARM_UP / 2 : value_count;
    if (link) snprintf(interface.ifr_name, sizeof interface.ifr_name, "%s", link);
    for (int i = -warm_up; i < count; i++) {
        asked.number = values[(i + warm_up) % value_count];
        double start = now_us();
        struct pdu answer = exchange(PDU_SET, 0, 0, &asked, 1, &varbinds);
        if (i >= 0) samples[i] = now_us() - start;
        if (answer.error_status) fail("error-status %d", answer.error_status);
        if (link) {
            if (ioctl(control, SIOCGIFFLAGS, &interface)) fail("%s: %s", link, strerror(errno));
            if (((interface.ifr_flags & IFF_UP) != 0) != (asked.number == 1)) fail("the kernel's link did not change");
        }
    }
    printf("{\"mode\": \"set\", \"value_p50\": {");
    for (int v = 0; v < value_count; v++) {
        int found = 0;
        for (int i = 0; i < count; i++)
            if ((i + warm_up) % value_count == v) of_value[found++] = samples[i];
        sort_samples(of_value, found);
        printf("%s\"%ld\": %.2f", v ? ", " : "", values[v], percentile(of_value, found, 0.5));
    }
    printf("}, ");
    latencies(samples, count);
}

static void set_values(const char *text, char **values, int value_count, int count) {
    struct oid name;
    long numbers[ROOTS_MAX];
    if (value_count < 1 || value_count > ROOTS_MAX) fail("1 to %d values", ROOTS_MAX);
    for (int i = 0; i < value_count; i++) numbers[i] = strtol(values[i], NULL, 10);
    parse(text, &name);
    set(&name, numbers, value_count, count, NULL);
}

static int index_of(const char *link) {
    int index = if_nametoindex(link);
    if (!index) fail("no interface %s", link);
    return index;
}

static void admin(const char *link, int count) {
    struct oid name;
    char text[64];
    snprintf(text, sizeof text, "1.3.6.1.2.1.2.2.1.7.%d", index_of(link));
    parse(text, &name);
    set(&name, (long[]){2, 1}, 2, count, link);
}

/* What the kernel counted, and since when. */
struct reading {
    double at;
    uint64_t octets;
};

/* The tick at which a frame is sent: the resolution of the ages. */
enum { TICK_US = 1000 };

static void age(const char *receiving, const char *sending, int count) {
    int index = index_of(receiving), route = link_socket(0), wire = socket(AF_PACKET, SOCK_RAW, 0);
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = index_of(sending), .sll_halen = 6};
    static uint8_t frame[200] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 0, 1, 0x88, 0xB5};
    struct varbind asked = {.type = TYPE_NULL}, answered;
    struct reader varbinds;
    char text[64];
    double *samples = new_samples(count);
    size_t readings = 0, capacity = 1 << 20;
    struct reading *history = calloc(capacity, sizeof *history);
    if (!history || wire < 0) fail("no packet socket");
    snprintf(text, sizeof text, "1.3.6.1.2.1.31.1.1.1.6.%d", index);
    parse(text, &asked.name);
    srandom(1);
    double next_read = now_us() + 1e6; /* a second of history before the first answer is judged */
    history[readings++] = (struct reading){0, link_received_octets(route, index)};
    for (int i = 0; i < count;) {
        if (readings == capacity) fail("the history is full");
        if (sendto(wire, frame, sizeof frame, 0, (struct sockaddr *)&to, sizeof to) < 0)
            fail("send on %s: %s", sending, strerror(errno));
        uint64_t octets = link_received_octets(route, index);
        if (octets > history[readings - 1].octets) history[readings++] = (struct reading){now_us(), octets};
        if (now_us() >= next_read) {
            struct pdu answer = exchange(PDU_GET, 0, 0, &asked, 1, &varbinds);
            double at = now_us();
            answered = only_varbind(&varbinds);
            if (answer.error_status || answered.type != TYPE_COUNTER64) fail("no counter: type 0x%02x", answered.type);
            if (answered.number > octets) fail("the answer is ahead of the kernel");
            /* The answer was true until the kernel first counted more. */
            size_t older = readings;
            while (older > 0 && history[older - 1].octets > answered.number) older--;
            samples[i++] = older == readings ? 0 : at - history[older].at;
            next_read = at + random() % 400000;
        }
        usleep(TICK_US);
    }
    printf("{\"mode\": \"age\", ");
    latencies(samples, count);
}

int main(int argc, char **argv) {
    int port = 161, count = 1000, repetitions = 25, option;
    long least = 0;
    while ((option = getopt(argc, argv, "p:c:n:r:m:")) != -1) {
        if (option == 'p') port = atoi(optarg);
        else if (option == 'c') community = optarg;
        else if (option == 'n') count = atoi(optarg);
        else if (option == 'r') repetitions = atoi(optarg);
        else if (option == 'm') least = atol(optarg);
        else return 2;
    }
    char **arguments = argv + optind;
    int given = argc - optind;
    if (given < 2 || count < 1) {
        fprintf(stderr, "usage: client [-p PORT] [-c COMMUNITY] [-n COUNT] [-r MAX-REPETITIONS] MODE ARGUMENT...\n");
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 20}; /* snmpd's own SET takes long on a slow disk */
    int size = 4 << 20;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    agent = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(agent, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(agent, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (agent < 0 || connect(agent, (struct sockaddr *)&address, sizeof address)) fail("socket: %s", strerror(errno));

    const char *mode = arguments[0];
    if (!strcmp(mode, "get")) get(arguments[1], count);
    else if (!strcmp(mode, "next")) next(arguments[1]);
    else if (!strcmp(mode, "walk")) walks(arguments + 1, given - 1, repetitions, 0, least);
    else if (!strcmp(mode, "columns")) walks(arguments + 1, given - 1, repetitions, 1, least);
    else if (!strcmp(mode, "set")) set_values(arguments[1], arguments + 2, given - 2, count);
    else if (!strcmp(mode, "admin")) admin(arguments[1], count);
    else if (!strcmp(mode, "age") && given == 3) age(arguments[1], arguments[2], count);
    else fail("no mode %s", mode);
    printf(", \"requests\": %ld, \"timeouts\": %ld}\n", requests, timeouts);
    return 0;
}
