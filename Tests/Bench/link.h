/* The little rtnetlink that the benchmark needs: list links, set one up or down, read one counter. */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdint.h>

struct link {
    int index;
    int peer; /* IFLA_LINK: the other end of a veth pair, or 0 */
    int running;
    int up;
    char name[16];
};

/* A route netlink socket, listening to link events when `events` is true. Exits on failure. */
int link_socket(int events);
/* Every link of this network namespace, in a malloced array. Exits on failure. */
struct link *link_dump(int socket, int *count);
/* Takes a link up or down; returns 0 or an errno. The change has happened when this returns. */
int link_set_up(int socket, int index, int up);
/* Octets received by a link, as the kernel counts them now. Exits on failure. */
uint64_t link_received_octets(int socket, int index);
/* Reads the link of an RTM_NEWLINK message. */
struct nlmsghdr;
void link_parse(const struct nlmsghdr *message, struct link *link);

#endif
