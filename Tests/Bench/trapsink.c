/* Trap receiver that makes the events itself: how long from a link event in the kernel to its trap here, and how many
   notifications a second arrive. One JSON line as the result. Times start before the netlink request that makes the
   event. Taking one end of a veth pair down, the cause, takes the carrier of the other, the port.
   The kernel reports carrier changes in batches of at most 200, and what is left over up to a second later; so the rate
   is that of the fastest RUN traps in a row, and the end of a wave is waited for.

   trapsink [-p PORT] [-n COUNT] MODE
     latency               COUNT carrier changes, one after the other, each on another pair: time until the trap
     flood                 all pairs lose their carrier as fast as possible, then get it back: traps per second, lost ones
     signal PID            SIGUSR1 to PID, which sends COUNT notifications: traps per second, lost ones
     wait NAME SECONDS     takes the carrier of one link: time until its trap, for agents that poll */
#define _GNU_SOURCE
#include "link.h"
#include "snmp.h"
#include "stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINK_DOWN = 3, LINK_UP = 4, QUIET_MS = 2500, RUN = 500, TRAPS_MAX = 1 << 20, PATIENCE_MS = 3000, INDEX_MAX = 1 << 20 };

struct trap {
    double at;
    int kind;  /* the last arc of a generic trap of SNMPv2-MIB: 3 linkDown, 4 linkUp; 0 for any other */
    int index; /* ifIndex, or 0 */
};

/* A pair of links: taking `cause` down makes `port` lose its carrier. */
struct pair {
    int port, cause;
};

static int sink, route;
static long informs, malformed;

static void fail(const char *what) {
    printf("{\"error\": \"%s: %s\"}\n", what, strerror(errno));
    exit(1);
}

static void set_patience(int milliseconds) {
    struct timeval time = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(sink, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

/* Acknowledges an inform: the same message back as a Response. The PDU's tag follows version and community. */
static void acknowledge(uint8_t *message, ssize_t length, struct sockaddr_in *from, socklen_t size) {
    for (ssize_t i = 0; i < length && i < 64; i++)
        if (message[i] == PDU_INFORM) {
            message[i] = PDU_RESPONSE;
            sendto(sink, message, length, 0, (struct sockaddr *)from, size);
            return;
        }
}

/* The next trap; 0 when none came in time. */
static int receive(struct trap *trap) {
    static const struct oid trap_oid = {11, {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}};
    static const struct oid generic = {9, {1, 3, 6, 1, 6, 3, 1, 1, 5}};
    static const struct oid if_index = {10, {1, 3, 6, 1, 2, 1, 2, 2, 1, 1}};
    static uint8_t message[SNMP_MESSAGE_MAX];
    for (;;) {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(sink, message, sizeof message, 0, (struct sockaddr *)&from, &size);
        *trap = (struct trap){.at = now_us()};
        if (length < 0) return 0;
        struct pdu pdu;
        struct reader varbinds;
        struct varbind varbind;
        struct oid value;
        if (!snmp_decode(message, length, &pdu, &varbinds) || (pdu.type != PDU_TRAP && pdu.type != PDU_INFORM)) {
            malformed++;
            continue;
        }
        while (snmp_next_varbind(&varbinds, &varbind) == 1) {
            if (!oid_compare(&varbind.name, &trap_oid) && snmp_value_oid(&varbind, &value)) {
                if (value.length == generic.length + 1 && oid_has_prefix(&value, &generic))
                    trap->kind = value.arc[generic.length];
            } else if (oid_has_prefix(&varbind.name, &if_index)) {
                trap->index = (int)varbind.number;
            }
        }
        if (pdu.type == PDU_INFORM) {
            informs++;
            acknowledge(message, length, &from, size);
        }
        return 1;
    }
}

static struct pair *find_pairs(int *count, const char *name) {
    int links;
    struct link *link = link_dump(route, &links);
    struct pair *pairs = calloc(links, sizeof *pairs);
    if (!pairs) fail("memory");
    *count = 0;
    for (int i = 0; i < links; i++) {
        if (!link[i].peer || link[i].index >= INDEX_MAX || !link[i].running) continue;
        if (name ? !strcmp(name, link[i].name) : link[i].index < link[i].peer)
            pairs[(*count)++] = (struct pair){link[i].index, link[i].peer};
    }
    free(link);
    if (!*count) {
        errno = ENODEV;
        fail("no veth pair with carrier");
    }
    return pairs;
}

static void change(int index, int up) {
    if ((errno = link_set_up(route, index, up))) fail("link change");
}

/* Waits for the trap of one kind and link; others only count. Returns 0 when it did not come. */
static double await(int kind, int index, long *others) {
    struct trap trap;
    double deadline = now_us() + PATIENCE_MS * 1e3;
    while (now_us() < deadline) {
        if (!receive(&trap)) break;
        if (trap.kind == kind && trap.index == index) return trap.at;
        ++*others;
    }
    return 0;
}

static void latency(int count) {
    int pair_count, samples = 0, lost = 0;
    long others = 0;
    struct pair *pairs = find_pairs(&pair_count, NULL);
    double *sample = calloc(count, sizeof *sample);
    if (!sample) fail("memory");
    for (int i = 0; i < count; i++) {
        struct pair *pair = &pairs[i % pair_count];
        int up = i / pair_count % 2;
        double start = now_us(), end;
        change(pair->cause, up);
        end = await(up ? LINK_UP : LINK_DOWN, pair->port, &others);
        if (end > 0) sample[samples++] = end - start;
        else lost++;
        usleep(3000); /* the other end's trap arrives, and everyone sleeps again */
    }
    for (int i = 0; i < pair_count; i++) change(pairs[i].cause, 1);
    sort_samples(sample, samples);
    printf("{\"mode\": \"latency\", \"count\": %d, \"lost\": %d, \"others\": %ld, \"p50\": %.1f, \"p95\": %.1f, "
           "\"p99\": %.1f, \"max\": %.1f",
           samples, lost, others, percentile(sample, samples, 0.5), percentile(sample, samples, 0.95),
           percentile(sample, samples, 0.99), samples ? sample[samples - 1] : 0);
}

static double arrivals[TRAPS_MAX];

/* Traps per second over the fastest RUN arrivals in a row, or over all when they are fewer. */
static double fastest_run(long count) {
    double best = 0;
    long run = count > RUN ? RUN : count - 1;
    for (long i = 0; run > 0 && i + run < count; i++) {
        double rate = run / (arrivals[i + run] - arrivals[i]) * 1e6;
        if (rate > best) best = rate;
    }
    return best;
}

struct wave {
    long traps, lost_ports, lost_causes;
    double per_second, took;
};

/* Takes all causes down, or up, as fast as possible, and collects the traps until no more come. */
static void run_wave(const struct pair *pairs, int count, int up, struct wave *wave) {
    static uint8_t seen[INDEX_MAX];
    struct trap trap;
    long traps = 0;
    memset(seen, 0, sizeof seen);
    double start = now_us();
    for (int i = 0; i < count; i++) change(pairs[i].cause, up);
    while (receive(&trap) && traps < TRAPS_MAX) {
        if (trap.kind != (up ? LINK_UP : LINK_DOWN) || trap.index <= 0 || trap.index >= INDEX_MAX) continue;
        seen[trap.index] = 1;
        arrivals[traps++] = trap.at;
    }
    double rate = fastest_run(traps);
    if (rate > wave->per_second) wave->per_second = rate;
    if (traps) wave->took += arrivals[traps - 1] - start;
    wave->traps += traps;
    for (int i = 0; i < count; i++) {
        wave->lost_ports += !seen[pairs[i].port];
        wave->lost_causes += !seen[pairs[i].cause];
    }
}

static void flood(void) {
    int count;
    struct wave wave = {0};
    struct pair *pairs = find_pairs(&count, NULL);
    set_patience(QUIET_MS);
    run_wave(pairs, count, 0, &wave);
    run_wave(pairs, count, 1, &wave);
    printf("{\"mode\": \"flood\", \"carrier_changes\": %d, \"admin_changes\": %d, \"traps\": %ld, \"lost\": %ld, "
           "\"lost_admin\": %ld, \"per_second\": %.0f, \"took\": %.0f",
           2 * count, 2 * count, wave.traps, wave.lost_ports, wave.lost_causes, wave.per_second, wave.took);
}

static void signalled(pid_t pid, int count) {
    struct trap trap;
    long traps = 0;
    if (kill(pid, SIGUSR1)) fail("signal");
    set_patience(QUIET_MS);
    while (traps < count && traps < TRAPS_MAX && receive(&trap)) arrivals[traps++] = trap.at;
    double took = traps > 1 ? arrivals[traps - 1] - arrivals[0] : 0;
    printf("{\"mode\": \"signal\", \"traps\": %ld, \"lost\": %ld, \"per_second\": %.0f, \"whole_per_second\": %.0f", traps,
           count - traps, fastest_run(traps), took ? (traps - 1) / took * 1e6 : 0);
}

static void wait_one(const char *name, int seconds) {
    int count;
    struct trap trap;
    struct pair *pair = find_pairs(&count, name);
    double start = now_us(), deadline = start + seconds * 1e6, end = 0;
    set_patience(1000);
    change(pair->cause, 0);
    while (now_us() < deadline && !end)
        if (receive(&trap) && trap.kind == LINK_DOWN && trap.index == pair->port) end = trap.at;
    change(pair->cause, 1);
    printf("{\"mode\": \"wait\", \"lost\": %d, \"p50\": %.1f", end == 0, end ? end - start : 0);
}

int main(int argc, char **argv) {
    int port = 162, count = 200, option;
    while ((option = getopt(argc, argv, "p:n:")) != -1) {
        if (option == 'p') port = atoi(optarg);
        else if (option == 'n') count = atoi(optarg);
        else return 2;
    }
    char **arguments = argv + optind;
    int given = argc - optind;
    if (given < 1 || count < 1) {
        fprintf(stderr, "usage: trapsink [-p PORT] [-n COUNT] MODE\n");
        return 2;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int size = 64 << 20;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sink = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (sink < 0 || bind(sink, (struct sockaddr *)&address, sizeof address)) fail("trap port");
    set_patience(PATIENCE_MS);
    route = link_socket(0);

    const char *mode = arguments[0];
    if (!strcmp(mode, "latency")) latency(count);
    else if (!strcmp(mode, "flood")) flood();
    else if (!strcmp(mode, "signal") && given == 2) signalled(atoi(arguments[1]), count);
    else if (!strcmp(mode, "wait") && given == 3) wait_one(arguments[1], atoi(arguments[2]));
    else {
        errno = EINVAL;
        fail(mode);
    }
    printf(", \"informs\": %ld, \"malformed\": %ld}\n", informs, malformed);
    return 0;
}
