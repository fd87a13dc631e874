// The parts of Linux that the Glibc module lacks.
//
// Feature macros stay out of this header: they would change declarations that the Glibc module has made already.
#include <sys/select.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>

/// Names the calling thread, at most 15 octets, as ps and top show it.
void orion_name_thread(const char *name);

/// Sets blocks aside for a range of an open file without changing its length (fallocate(2), FALLOC_FL_KEEP_SIZE).
/// Returns 0, or -1 with errno.
int orion_reserve_blocks(int descriptor, off_t offset, off_t length);

/// Gives the allocator's free memory back to the system (malloc_trim(3)).
void orion_release_memory(void);

/// Has blocks of 256 KiB and more go back to the kernel when they are freed. Left alone, glibc keeps ever larger ones (up
/// to 32 MiB) once the first of a size was freed: a dump, or what a quarter of an hour ends with, would be kept for ever.
void orion_return_large_blocks(void);

/// Receives one datagram without waiting, and the user who sent it (unix(7), SCM_CREDENTIALS; the socket has
/// SO_PASSCRED). Returns its octets; -1 with errno: EMSGSIZE when it was longer than `size`, and is gone; EPERM when the
/// kernel does not say who sent it.
ssize_t orion_receive_from_user(int descriptor, void *buffer, size_t size, uid_t *user);
