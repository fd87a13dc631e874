#include "link.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_link.h>

static char buffer[1 << 17];

static void fail(const char *what) {
    perror(what);
    exit(2);
}

int link_socket(int events) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = events ? RTMGRP_LINK : 0};
    int size = 64 << 20;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address)) fail("netlink socket");
    if (events) setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    return fd;
}

void link_parse(const struct nlmsghdr *message, struct link *link) {
    struct ifinfomsg *info = NLMSG_DATA(message);
    struct rtattr *attribute = IFLA_RTA(info);
    int length = IFLA_PAYLOAD(message);
    memset(link, 0, sizeof *link);
    link->index = info->ifi_index;
    link->running = (info->ifi_flags & IFF_RUNNING) != 0;
    link->up = (info->ifi_flags & IFF_UP) != 0;
    for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
        if (attribute->rta_type == IFLA_IFNAME)
            snprintf(link->name, sizeof link->name, "%s", (char *)RTA_DATA(attribute));
        else if (attribute->rta_type == IFLA_LINK)
            link->peer = *(int *)RTA_DATA(attribute);
    }
}

struct link *link_dump(int socket, int *count) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
    } request = {{sizeof request, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
    struct link *links = NULL;
    int capacity = 0;
    *count = 0;
    if (send(socket, &request, sizeof request, 0) < 0) fail("link dump");
    for (;;) {
        int length = recv(socket, buffer, sizeof buffer, 0);
        if (length <= 0) fail("link dump");
        for (struct nlmsghdr *h = (struct nlmsghdr *)buffer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
            if (h->nlmsg_type == NLMSG_DONE) return links;
            if (h->nlmsg_type != RTM_NEWLINK) continue;
            if (*count == capacity) {
                capacity = capacity ? capacity * 2 : 256;
                links = realloc(links, capacity * sizeof *links);
                if (!links) fail("link dump");
            }
            link_parse(h, &links[(*count)++]);
        }
    }
}

int link_set_up(int socket, int index, int up) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
    } request = {{sizeof request, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
                 {.ifi_index = index, .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP}};
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
    } answer;
    if (send(socket, &request, sizeof request, 0) < 0) return errno;
    if (recv(socket, &answer, sizeof answer, 0) < (ssize_t)sizeof answer) return EPROTO;
    return -answer.error.error;
}

uint64_t link_received_octets(int socket, int index) {
    struct {
        struct nlmsghdr header;
        struct if_stats_msg stats;
    } request = {{sizeof request, RTM_GETSTATS, NLM_F_REQUEST, 1, 0},
                 {.ifindex = index, .filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64)}};
    if (send(socket, &request, sizeof request, 0) < 0) fail("link statistics");
    int length = recv(socket, buffer, sizeof buffer, 0);
    struct nlmsghdr *header = (struct nlmsghdr *)buffer;
    if (length <= 0 || !NLMSG_OK(header, length) || header->nlmsg_type != RTM_NEWSTATS) fail("link statistics");
    struct rtattr *attribute =
        (struct rtattr *)((char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct if_stats_msg)));
    int left = NLMSG_PAYLOAD(header, sizeof(struct if_stats_msg));
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == IFLA_STATS_LINK_64) {
            struct rtnl_link_stats64 counters; /* copied: the attribute is aligned to 4 octets only */
            memcpy(&counters, RTA_DATA(attribute), sizeof counters);
            return counters.rx_bytes;
        }
    fail("link statistics");
    return 0;
}
