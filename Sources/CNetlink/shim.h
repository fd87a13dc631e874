// Feature macros stay out of this header: they would change declarations that the Glibc module has made already.
#include <sys/select.h>
// Before linux/if.h, which then leaves out what this one declares too.
#include <net/if.h>
#include <errno.h>
#include <linux/devlink.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/gen_stats.h>
#include <linux/genetlink.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/ioctl.h>

// ioctl is variadic, which Swift cannot call. Each returns 0, or the error number.

// Runs the ethtool command (linux/ethtool.h) that `command` points to on the interface called `name`.
static inline int orion_ethtool_ioctl(int socket, const char *name, void *command) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_data = command;
    return ioctl(socket, SIOCETHTOOL, &request) == 0 ? 0 : errno;
}

// Writes the name that interface `index` has now to `name`, which holds IFNAMSIZ octets.
static inline int orion_interface_name(int socket, int index, char *name) {
    struct ifreq request;
    memset(&request, 0, sizeof request);
    request.ifr_ifindex = index;
    if (ioctl(socket, SIOCGIFNAME, &request) != 0) return errno;
    memcpy(name, request.ifr_name, IFNAMSIZ);
    name[IFNAMSIZ - 1] = 0;
    return 0;
}
