#define _GNU_SOURCE 1
#include "CLinux.h"
#include <fcntl.h>
#include <sys/prctl.h>

// prctl is variadic, which Swift cannot call.
void orion_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}

int orion_reserve_blocks(int descriptor, off_t offset, off_t length) {
    return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, length);
}
