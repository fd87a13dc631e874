/*
 * Preloaded into a daemon, counts what it does to the kernel's interfaces and to its files, and kills it just before the
 * call that the tests choose.
 *
 * ORION_INSTANTS names a file that is shared with them: how many calls are to be made (0: any number), how many were made
 * since that was said, and the last of them in words.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static struct shared {
    int64_t limit, count;
    char last[112];
} *shared;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("ORION_INSTANTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *place = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (place != MAP_FAILED) shared = place;
    close(file);
}

static int is_armed(void) { return shared && __atomic_load_n(&shared->limit, __ATOMIC_SEQ_CST) > 0; }

static void note(const char *call, const char *object) {
    int64_t number = __atomic_add_fetch(&shared->count, 1, __ATOMIC_SEQ_CST);
    if (number != __atomic_load_n(&shared->limit, __ATOMIC_SEQ_CST)) return;
    snprintf(shared->last, sizeof shared->last, "%s %s", call, object);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* A regular file that is not the log. */
static void note_file(const char *call, int descriptor) {
    struct stat status;
    char link[40], path[4096];
    if (!is_armed() || descriptor <= 2 || fstat(descriptor, &status) || !S_ISREG(status.st_mode)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    const char *name = strrchr(path, '/');
    note(call, name ? name + 1 : path);
}

/* A message that changes interfaces, addresses or routes. */
static void note_message(int descriptor, const void *data, size_t length) {
    int domain = 0;
    socklen_t size = sizeof domain;
    const struct nlmsghdr *header = data;
    if (!is_armed() || length < sizeof *header || getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size)) return;
    if (domain != AF_NETLINK || header->nlmsg_type < RTM_BASE || header->nlmsg_type >= RTM_BASE + 12) return;
    static const char *const kinds[] = {"link", "address", "route"};
    static const char *const verbs[] = {"new", "delete", NULL, "set"};
    int kind = (header->nlmsg_type - RTM_BASE) / 4, verb = (header->nlmsg_type - RTM_BASE) % 4;
    if (verbs[verb]) note(verbs[verb], kinds[kind]);
}

#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
    NEXT(sendmsg);
    if (message->msg_iovlen > 0)
        note_message(descriptor, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return next(descriptor, message, flags);
}

ssize_t sendto(int descriptor, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    NEXT(sendto);
    note_message(descriptor, data, length);
    return next(descriptor, data, length, flags, to, size);
}

ssize_t send(int descriptor, const void *data, size_t length, int flags) {
    NEXT(send);
    note_message(descriptor, data, length);
    return next(descriptor, data, length, flags);
}

ssize_t write(int descriptor, const void *data, size_t length) {
    NEXT(write);
    note_file("write", descriptor);
    return next(descriptor, data, length);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    NEXT(writev);
    note_file("write", descriptor);
    return next(descriptor, parts, count);
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    NEXT(pwrite);
    note_file("write", descriptor);
    return next(descriptor, data, length, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
    NEXT(pwrite64);
    note_file("write", descriptor);
    return next(descriptor, data, length, offset);
}

int ftruncate(int descriptor, off_t length) {
    NEXT(ftruncate);
    note_file("truncate", descriptor);
    return next(descriptor, length);
}

int ftruncate64(int descriptor, off64_t length) {
    NEXT(ftruncate64);
    note_file("truncate", descriptor);
    return next(descriptor, length);
}

int fsync(int descriptor) {
    NEXT(fsync);
    note_file("sync", descriptor);
    return next(descriptor);
}

int fdatasync(int descriptor) {
    NEXT(fdatasync);
    note_file("sync", descriptor);
    return next(descriptor);
}

int rename(const char *from, const char *to) {
    NEXT(rename);
    if (is_armed()) note("rename", strrchr(to, '/') ? strrchr(to, '/') + 1 : to);
    return next(from, to);
}
