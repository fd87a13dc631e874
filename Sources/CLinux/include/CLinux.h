// The parts of Linux that the Glibc module lacks.
//
// Feature macros stay out of this header: they would change declarations that the Glibc module has made already.
#include <sys/select.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>

/// Names the calling thread, at most 15 octets, as ps and top show it.
void orion_name_thread(const char *name);
