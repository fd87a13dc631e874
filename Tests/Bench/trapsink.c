/* Trap receiver that makes the events itself: how long from a link event in the kernel to its trap here, and how many
   notifications a second arrive. One JSON line as the result. Times start before the netlink request that makes the
   event. Taking one end of a veth pair down, the cause, takes the carrier of the other, the port.
   The cause's event is made within the request; the port's comes from a work queue of the kernel, mostly at once, but
   one in a hundred takes milliseconds, and now and then one a second or two. In a flood the queue handles at most 200
   at once; so the rate is that of the fastest RUN traps in a row, and the end of a wave is waited for.

   trapsink [-p PORT] [-n COUNT] MODE
     latency               COUNT changes, one after the other, each on another pair: time until the traps of both ends
     kernel                the same without traps: time until the kernel's own event of the port
     flood                 all pairs lose carrier as fast as possible, then get it back: traps per second, lost ones
     signal PID            SIGUSR1 to PID, which sends COUNT notifications: traps per second, lost ones
     wait NAME SECONDS     takes the carrier of one link: time until its trap, for agents that poll */
#define _GNU_SOURCE
#include "link.h"
#include "snmp.h"
#include "stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINK_DOWN = 3,
    LINK_UP = 4,
    QUIET_MS = 1000,
    WAVE_MS = 30000,
    PATIENCE_MS = 6000,
    SETTLE_US = 3000,
    RUN = 500,
    TRAPS_MAX = 1 << 20,
    INDEX_MAX = 1 << 20,
};

struct trap {
    double at; /* when it reached this socket */
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

/* When the kernel put a message into the socket, on the clock of now_us: this program may read it later. */
static double arrival(struct msghdr *header) {
    double now = now_us();
    struct timespec real, stamp;
    clock_gettime(CLOCK_REALTIME, &real);
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
            memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
            return now - ((real.tv_sec - stamp.tv_sec) * 1e6 + (real.tv_nsec - stamp.tv_nsec) / 1e3);
        }
    return now;
}

/* The next trap; 0 when none came in time. */
static int receive(struct trap *trap) {
    static const struct oid trap_oid = {11, {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0}};
    static const struct oid generic = {9, {1, 3, 6, 1, 6, 3, 1, 1, 5}};
    static const struct oid if_index = {10, {1, 3, 6, 1, 2, 1, 2, 2, 1, 1}};
    static uint8_t message[SNMP_MESSAGE_MAX];
    for (;;) {
        struct sockaddr_in from;
        char control[128];
        struct iovec data = {message, sizeof message};
        struct msghdr header = {&from, sizeof from, &data, 1, control, sizeof control, 0};
        ssize_t length = recvmsg(sink, &header, 0);
        if (length < 0) return 0;
        *trap = (struct trap){.at = arrival(&header)};
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
            acknowledge(message, length, &from, header.msg_namelen);
        }
        return 1;
    }
}

/* The veth pairs, once all have carrier: what an earlier run did may still be in the kernel's queue. With a name, only
   the pair whose port has it. */
static struct pair *find_pairs(int *count, const char *name) {
    double deadline = now_us() + PATIENCE_MS * 1e3;
    for (;;) {
        int links, waiting = 0;
        struct link *link = link_dump(route, &links);
        struct pair *pairs = calloc(links, sizeof *pairs);
        if (!pairs) fail("memory");
        *count = 0;
        for (int i = 0; i < links; i++) {
            if (!link[i].peer || link[i].index >= INDEX_MAX) continue;
            waiting += !link[i].running;
            if (name ? !strcmp(name, link[i].name) : link[i].index < link[i].peer)
                pairs[(*count)++] = (struct pair){link[i].index, link[i].peer};
        }
        free(link);
        if (*count && !waiting) return pairs;
        free(pairs);
        errno = ENODEV;
        if (now_us() > deadline) fail("no veth pairs with carrier");
        usleep(50000);
    }
}

static void change(int index, int up) {
    if ((errno = link_set_up(route, index, up))) fail("link change");
}

static void print_percentiles(const char *name, double *sample, int count) {
    sort_samples(sample, count);
    printf(", \"%s\": {\"count\": %d, \"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f}", name, count,
           percentile(sample, count, 0.5), percentile(sample, count, 0.95), percentile(sample, count, 0.99),
           count ? sample[count - 1] : 0);
}

static double *new_samples(int count) {
    double *sample = calloc(count, sizeof *sample);
    if (!sample) fail("memory");
    return sample;
}

static void latency(int count) {
    int pair_count, ports = 0, causes = 0;
    long others = 0;
    struct pair *pairs = find_pairs(&pair_count, NULL);
    double *port = new_samples(count), *cause = new_samples(count);
    for (int i = 0; i < count; i++) {
        struct pair *pair = &pairs[i % pair_count];
        int up = i / pair_count % 2, port_seen = 0;
        int cause_seen = i >= 5 && !causes; /* an agent that says nothing about administrative changes */
        double start = now_us(), deadline = start + PATIENCE_MS * 1e3;
        change(pair->cause, up);
        while (!(port_seen && cause_seen) && now_us() < deadline) {
            struct trap trap;
            if (!receive(&trap)) break;
            int expected = trap.kind == (up ? LINK_UP : LINK_DOWN);
            if (expected && trap.index == pair->port && !port_seen) {
                port[ports++] = trap.at - start;
                port_seen = 1;
            } else if (expected && trap.index == pair->cause && !cause_seen) {
                cause[causes++] = trap.at - start;
                cause_seen = 1;
            } else {
                others++;
            }
        }
        usleep(SETTLE_US);
    }
    for (int i = 0; i < pair_count; i++) change(pairs[i].cause, 1);
    printf("{\"mode\": \"latency\", \"events\": %d, \"others\": %ld", count, others);
    print_percentiles("carrier", port, ports);
    print_percentiles("admin", cause, causes);
}

/* How long the kernel itself takes for a port's event. */
static void kernel(int count) {
    static char buffer[1 << 16];
    int pair_count, samples = 0, events = link_socket(1);
    struct pair *pairs = find_pairs(&pair_count, NULL);
    double *sample = new_samples(count);
    for (int i = 0; i < count; i++) {
        struct pair *pair = &pairs[i % pair_count];
        int up = i / pair_count % 2, seen = 0;
        double start = now_us();
        change(pair->cause, up);
        while (!seen) {
            int length = recv(events, buffer, sizeof buffer, 0);
            if (length < 0) fail("link events");
            for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
                struct link link;
                if (h->nlmsg_type != RTM_NEWLINK) continue;
                link_parse(h, &link);
                seen |= link.index == pair->port && link.running == up;
            }
        }
        sample[samples++] = now_us() - start;
        usleep(SETTLE_US);
    }
    for (int i = 0; i < pair_count; i++) change(pairs[i].cause, 1);
    printf("{\"mode\": \"kernel\"");
    print_percentiles("carrier", sample, samples);
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

/* Whether the kernel has said everything: all ports have carrier, or none has. */
static int settled(const struct pair *pairs, int count, int up) {
    static uint8_t running[INDEX_MAX];
    int links, done = 1;
    struct link *link = link_dump(route, &links);
    for (int i = 0; i < links; i++)
        if (link[i].index < INDEX_MAX) running[link[i].index] = link[i].running;
    for (int i = 0; i < count; i++) done &= running[pairs[i].port] == up;
    free(link);
    return done;
}

/* Takes all causes down, or up, as fast as possible, and collects the traps until no more come. */
static void run_wave(const struct pair *pairs, int count, int up, struct wave *wave) {
    static uint8_t seen[INDEX_MAX];
    struct trap trap;
    long traps = 0;
    memset(seen, 0, sizeof seen);
    double start = now_us(), deadline = start + WAVE_MS * 1e3;
    for (int i = 0; i < count; i++) change(pairs[i].cause, up);
    for (int over = 0; now_us() < deadline && traps < TRAPS_MAX;) {
        if (!receive(&trap)) { /* quiet for a second, and once more after the kernel's last event */
            if (over) break;
            over = settled(pairs, count, up);
            continue;
        }
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
    printf("{\"mode\": \"signal\", \"traps\": %ld, \"lost\": %ld, \"per_second\": %.0f, "
           "\"whole_per_second\": %.0f",
           traps, count - traps, fastest_run(traps), took ? (traps - 1) / took * 1e6 : 0);
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
    int size = 64 << 20, stamped = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sink = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(sink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(sink, SOL_SOCKET, SO_TIMESTAMPNS, &stamped, sizeof stamped);
    if (sink < 0 || bind(sink, (struct sockaddr *)&address, sizeof address)) fail("trap port");
    set_patience(PATIENCE_MS);
    route = link_socket(0);

    const char *mode = arguments[0];
    if (!strcmp(mode, "latency")) latency(count);
    else if (!strcmp(mode, "kernel")) kernel(count);
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
